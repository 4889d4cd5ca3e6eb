import { chiSquareTail, logChiSquareTail } from './chi-square-tail.ts'

/** A two-sample χ² test and the effect size that goes with it. */
export interface ChiSquareTest {
  readonly statistic: number
  readonly degrees: number
  readonly p: number
  /** The natural logarithm of p, finite where p is not. */
  readonly logP: number
  /** Cramér's V, `√(χ²/N)` for two samples: 0 same shares, 1 nothing in common. */
  readonly cramersV: number
  /** Cells after pooling. */
  readonly cells: number
}

export interface ChiSquareOptions {
  /** Cells whose expected count on either side is below this are pooled into one "other" cell; 0 pools nothing. @default 5 */
  readonly minimumExpected?: number
}

/**
 * The χ² test that two lists of counts over the same cells come from the same shares; no Yates correction.
 *
 * Formula: `Σ (O−E)²/E` over the 2×k table with k−1 degrees of freedom, cells with a small expectation pooled.
 * Source: Pearson (1900); Cochran's rule of five (1954). scipy's `chi2_contingency(table, correction=False)`.
 *
 * @example chiSquareTest([50, 30, 20], [30, 30, 40]) // statistic 11.666666666666668, degrees 2, p 0.00292829968…
 */
export function chiSquareTest(reference: readonly number[], current: readonly number[], options: ChiSquareOptions = {}): ChiSquareTest {
  const n = reference.reduce((sum, count) => sum + count, 0)
  const m = current.reduce((sum, count) => sum + count, 0)
  const total = n + m
  if (n === 0 || m === 0) return { statistic: Number.NaN, degrees: 0, p: Number.NaN, logP: Number.NaN, cramersV: Number.NaN, cells: 0 }
  const cells = pool(reference, current, Math.min(n, m) / total, options.minimumExpected ?? 5)
  const statistic = cells.reduce((sum, [left, right]) => {
    const column = left + right
    // (O−E)² is the same on both sides of a column: (left·m − right·n)²/total²
    const gap = (left * m - right * n) / total
    return sum + ((gap * gap) / column) * (total / n + total / m)
  }, 0)
  const degrees = Math.max(0, cells.length - 1)
  return {
    statistic,
    degrees,
    p: chiSquareTail(statistic, degrees),
    logP: logChiSquareTail(statistic, degrees),
    cramersV: Math.sqrt(Math.min(1, statistic / total)),
    cells: cells.length,
  }
}

function pool(reference: readonly number[], current: readonly number[], smallerShare: number, minimum: number): readonly (readonly [number, number])[] {
  const occupied = reference.map((left, cell) => [left, current[cell] ?? 0] as const).filter(([left, right]) => left + right > 0)
  const small = ([left, right]: readonly [number, number]): boolean => (left + right) * smallerShare < minimum
  const kept = occupied.filter((cell) => !small(cell))
  const pooled = occupied.filter(small)
  if (pooled.length === 0) return kept
  const other = pooled.reduce<readonly [number, number]>(([a, b], [left, right]) => [a + left, b + right], [0, 0])
  if (!small(other) || kept.length === 0) return [...kept, other]
  // still too thin: join the smallest kept cell
  const [smallest, ...rest] = kept.toSorted((a, b) => a[0] + a[1] - b[0] - b[1])
  return smallest === undefined ? [other] : [...rest, [smallest[0] + other[0], smallest[1] + other[1]]]
}
