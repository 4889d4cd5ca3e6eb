import type { BinnedNumbers } from '../count/binned-column.ts'
import type { BinEdges } from '../count/bin-edges.ts'
import type { ColumnRole, NumericProfile, ProfiledColumn } from './reference-profile.ts'

export interface NumberFacts {
  readonly origin: string | null
  readonly minimum: number | null
  readonly maximum: number | null
  readonly exactEdges: boolean
}

/** The profile of a number column, from its edges and the counts on them; sums are of differences from the median. */
export function numberProfile(
  column: ProfiledColumn,
  facts: NumberFacts,
  bins: BinEdges,
  binned: BinnedNumbers,
): NumericProfile {
  const role: ColumnRole = column.role ?? 'feature'
  return {
    kind: 'number',
    name: column.name,
    type: column.type,
    role,
    importance: column.importance ?? 1,
    nulls: binned.nulls,
    origin: facts.origin,
    finite: binned.finite,
    nan: binned.nan,
    positiveInfinite: binned.positiveInfinite,
    negativeInfinite: binned.negativeInfinite,
    minimum: facts.minimum,
    maximum: facts.maximum,
    edges: bins.edges,
    counts: binned.counts,
    sums: binned.sums.map(held),
    deciles: bins.deciles,
    limits: bins.limits,
    centre: bins.median,
    mean: finiteOrNull((bins.median ?? Number.NaN) + total(binned.sums) / binned.finite),
    std: deviation(binned),
    robustStd: robustDeviation(binned, bins),
    exactEdges: facts.exactEdges,
  }
}

/** Population standard deviation of binned numbers; null when there are none, or it is too large for a double. */
export function deviation(binned: BinnedNumbers): number | null {
  if (binned.finite === 0) return null
  const shift = total(binned.sums) / binned.finite
  return spread(total(binned.squares) / binned.finite, shift)
}

/** The same after values beyond the limits are moved onto them: rows of bins beyond a limit count as the limit. */
function robustDeviation(binned: BinnedNumbers, bins: BinEdges): number | null {
  if (binned.finite === 0 || bins.limits === null || bins.median === null) return null
  const [low, high] = bins.limits
  const first = bins.edges.indexOf(low)
  const last = bins.edges.indexOf(high)
  const inside = (_: number, bin: number): boolean => bin > first && bin <= last
  const below = total(binned.counts.slice(0, first + 1))
  const above = total(binned.counts.slice(last + 1))
  const sum = total(binned.sums.filter(inside)) + below * (low - bins.median) + above * (high - bins.median)
  const squares =
    total(binned.squares.filter(inside)) + below * (low - bins.median) ** 2 + above * (high - bins.median) ** 2
  const shift = sum / binned.finite
  return spread(squares / binned.finite, shift)
}

/** √(mean square − shift²). The median is at most one σ from the mean, so few digits cancel. */
function spread(square: number, shift: number): number | null {
  const variance = square - shift * shift
  return Number.isFinite(variance) ? Math.sqrt(Math.max(0, variance)) : null
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** A sum that JSON can hold: it has no infinity, which only sums of values near the largest double reach. */
function held(sum: number): number {
  return Number.isFinite(sum) ? sum : sum < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
