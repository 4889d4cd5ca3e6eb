import { chiSquareTail, logChiSquareTail } from './chi-square-tail.ts'
import { poolCells, type PoolOptions } from './pool-cells.ts'

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

export type ChiSquareOptions = Pick<PoolOptions, 'minimumExpected'>

/**
 * The χ² test that two lists of counts over the same cells come from the same shares; no Yates correction.
 *
 * Formula: `Σ (O−E)²/E` over the 2×k table with k−1 degrees of freedom, cells with a small expectation pooled.
 * Source: Pearson (1900); Cochran's rule of five (1954). scipy's `chi2_contingency(table, correction=False)`.
 *
 * @example chiSquareTest([50, 30, 20], [30, 30, 40]) // statistic 11.666666666666668, degrees 2, p 0.00292829968…
 */
export function chiSquareTest(
  reference: readonly number[],
  current: readonly number[],
  options: ChiSquareOptions = {},
): ChiSquareTest {
  const n = reference.reduce((sum, count) => sum + count, 0)
  const m = current.reduce((sum, count) => sum + count, 0)
  const total = n + m
  if (n === 0 || m === 0)
    return { statistic: Number.NaN, degrees: 0, p: Number.NaN, logP: Number.NaN, cramersV: Number.NaN, cells: 0 }
  const cells = poolCells(reference, current, options)
  const statistic = cells.reference.reduce((sum, left, cell) => {
    const right = cells.current[cell] ?? 0
    // (O−E)² is the same on both sides of a cell: ((left·m − right·n)/total)²
    const gap = (left * m - right * n) / total
    return sum + ((gap * gap) / (left + right)) * (total / n + total / m)
  }, 0)
  const degrees = Math.max(0, cells.reference.length - 1)
  return {
    statistic,
    degrees,
    p: chiSquareTail(statistic, degrees),
    logP: logChiSquareTail(statistic, degrees),
    cramersV: Math.sqrt(Math.min(1, statistic / total)),
    cells: cells.reference.length,
  }
}
