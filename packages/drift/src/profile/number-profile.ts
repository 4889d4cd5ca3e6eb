import type { BinnedNumbers } from '../count/binned-column.ts'
import type { BinEdges } from '../count/bin-edges.ts'
import type { ColumnRole, NumericProfile, ProfiledColumn } from './reference-profile.ts'

export interface NumberFacts {
  readonly origin: string | null
  readonly minimum: number | null
  readonly maximum: number | null
  /** The value around which `binned` was centred. */
  readonly mean: number | null
  readonly exactEdges: boolean
}

/** Puts a number column's profile together from its edges and the counts on them. */
export function numberProfile(column: ProfiledColumn, facts: NumberFacts, bins: BinEdges, binned: BinnedNumbers): NumericProfile {
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
    sums: binned.sums,
    deciles: bins.deciles,
    limits: bins.limits,
    mean: facts.mean,
    std: deviation(binned),
    robustStd: robustDeviation(binned, bins, facts.mean),
    exactEdges: facts.exactEdges,
  }
}

/** Population standard deviation of binned numbers; null when there are none. */
export function deviation(binned: BinnedNumbers): number | null {
  if (binned.finite === 0) return null
  const shift = total(binned.sums) / binned.finite
  return Math.sqrt(Math.max(0, total(binned.squares) / binned.finite - shift * shift))
}

/** The same after values beyond the limits are moved onto them: bins beyond an edge count as the edge. */
function robustDeviation(binned: BinnedNumbers, bins: BinEdges, mean: number | null): number | null {
  if (binned.finite === 0 || bins.limits === null || mean === null) return null
  const [low, high] = bins.limits
  const first = bins.edges.indexOf(low)
  const last = bins.edges.indexOf(high)
  const inside = (_: number, bin: number): boolean => bin > first && bin <= last
  const below = total(binned.counts.slice(0, first + 1))
  const above = total(binned.counts.slice(last + 1))
  const sum = total(binned.sums.filter(inside)) + below * (low - mean) + above * (high - mean)
  const squares = total(binned.squares.filter(inside)) + below * (low - mean) ** 2 + above * (high - mean) ** 2
  const shift = sum / binned.finite
  return Math.sqrt(Math.max(0, squares / binned.finite - shift * shift))
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
