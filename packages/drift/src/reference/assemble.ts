import { byCount, TOP_VALUES } from '../profile/category-profile.ts'
import type { CategoryPieces, ColumnPieces, NumberPieces, ReferencePieces } from '../profile/pieces.ts'
import {
  centreOf,
  type CategoryProfile,
  type ColumnProfile,
  type NumericProfile,
  type ReferenceProfile,
} from '../profile/reference-profile.ts'

/** How much each piece of a reference counts: a factor of its rows, 0 where it is left out. */
export type PieceWeights = readonly number[]

/**
 * The profile of a part of a reference, on the same edges: the pieces' counts times their weights.
 *
 * Counts stay whole, so that exact tests hold: running totals are rounded, which moves no cumulative share by more than half
 * a row. With weights of 0 and 1 nothing is rounded.
 *
 * Rows that have weights of their own weigh 1 on average in the part, too; their counts are not whole.
 */
export function assemble(profile: ReferenceProfile, pieces: ReferencePieces, weights: PieceWeights): ReferenceProfile {
  const { views = [] } = profile
  const rows = weighted(pieces.rows, weights)
  const parts: Parts =
    pieces.weight === undefined
      ? { weights, whole: Math.round, along: roundedAlong }
      : {
          weights: scaledTo(rows, pieces.weight, weights),
          whole: millionths,
          along: (counts) => counts.map(millionths),
        }
  return {
    ...profile,
    rows: Math.round(rows),
    columns: profile.columns.map((column) => assembleColumn(column, pieces.columns[column.name], parts)),
    views: views.map((view, index) => ({
      ...view,
      absent: parts.whole(weighted(pieces.absent[index] ?? [], parts.weights)),
    })),
  }
}

/** By what pieces count, and how counts are rounded. */
interface Parts {
  readonly weights: PieceWeights
  whole(count: number): number
  along(counts: readonly number[]): readonly number[]
}

/** Weights of pieces with which their rows weigh 1 on average. */
function scaledTo(rows: number, weight: readonly number[], weights: PieceWeights): PieceWeights {
  const all = weighted(weight, weights)
  return weights.map((one) => (all === 0 ? 0 : (one * rows) / all))
}

function millionths(count: number): number {
  return Math.round(count * 1e6) / 1e6
}

function assembleColumn(column: ColumnProfile, pieces: ColumnPieces | undefined, parts: Parts): ColumnProfile {
  const nulls = parts.whole(weighted(pieces?.nulls ?? [], parts.weights))
  if (pieces !== undefined && column.kind === 'number' && 'sums' in pieces)
    return { ...assembleNumbers(column, pieces, parts), nulls }
  if (pieces !== undefined && column.kind === 'category' && 'present' in pieces)
    return { ...assembleCategories(column, pieces, parts), nulls }
  return { ...column, nulls }
}

function assembleNumbers(
  column: NumericProfile,
  pieces: NumberPieces,
  { weights, whole, along }: Parts,
): NumericProfile {
  const exact = weightedLists(pieces.counts, weights, column.counts.length)
  const counts = along(exact)
  const summed = weightedLists(pieces.sums, weights, column.counts.length)
  const sums = counts.map((count, bin) => {
    const rows = exact[bin] ?? 0
    return rows === 0 ? 0 : (summed[bin] ?? 0) * (count / rows)
  })
  const finite = counts.reduce((sum, count) => sum + count, 0)
  const part = {
    ...column,
    centre: centreOf(column),
    finite,
    nan: whole(weighted(pieces.nan, weights)),
    positiveInfinite: whole(weighted(pieces.positiveInfinite, weights)),
    negativeInfinite: whole(weighted(pieces.negativeInfinite, weights)),
    counts,
    sums,
  }
  if (finite === 0) return { ...part, mean: null, std: null, robustStd: null }
  const quantile = quantiles(column.edges, counts, finite)
  const limits: readonly [number, number] = [quantile(0.005), quantile(0.995)]
  const deciles = [...new Set(Array.from({ length: 9 }, (_, index) => quantile((index + 1) / 10)))]
  const mean = centreOf(column) + sums.reduce((sum, value) => sum + value, 0) / finite
  const inner = within(column)
  return {
    ...part,
    deciles,
    limits,
    mean: Number.isFinite(mean) ? mean : null,
    std: column.std === null ? null : Math.sqrt(between(part, null) + inner.plain),
    robustStd: column.robustStd === null ? null : Math.sqrt(between(part, limits) + inner.robust),
  }
}

/** The edge whose share of rows below it is nearest to a level. */
function quantiles(edges: readonly number[], counts: readonly number[], finite: number): (level: number) => number {
  let rows = 0
  const shares = edges.map((_, bin) => {
    rows += counts[bin] ?? 0
    return rows / finite
  })
  return (level) => {
    let nearest = 0
    for (const [index, share] of shares.entries())
      if (Math.abs(share - level) < Math.abs((shares[nearest] ?? 0) - level)) nearest = index
    return edges[nearest] ?? 0
  }
}

/** What of the whole reference's variance lies inside its bins; the parts' bins are taken to be as wide. */
function within(column: NumericProfile): { readonly plain: number; readonly robust: number } {
  const rest = (std: number | null, limits: NumericProfile['limits']): number =>
    std === null || column.finite === 0 ? 0 : Math.max(0, std * std - between(column, limits))
  return { plain: rest(column.std, null), robust: rest(column.robustStd, column.limits) }
}

/** The variance of the bins' means; with limits, of bins beyond them as if their rows were at the limit. */
function between(column: NumericProfile, limits: NumericProfile['limits']): number {
  const { edges, counts, sums, finite } = column
  const middle = centreOf(column)
  const [low, high] = limits ?? [-Infinity, Infinity]
  const means = counts.map((count, bin) => {
    const right = edges[bin] ?? Infinity
    const left = edges[bin - 1] ?? -Infinity
    if (right <= low) return low - middle
    if (left >= high) return high - middle
    return count === 0 ? 0 : (sums[bin] ?? 0) / count
  })
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
  const mean = total(counts.map((count, bin) => count * (means[bin] ?? 0))) / finite
  const square = total(counts.map((count, bin) => count * ((means[bin] ?? 0) - mean) ** 2)) / finite
  return Number.isFinite(square) ? square : 0
}

function assembleCategories(
  column: CategoryProfile,
  pieces: CategoryPieces,
  { weights, whole }: Parts,
): CategoryProfile {
  const values = [...column.top, ...column.rest].map(({ value }) => value)
  const exact = weightedLists(pieces.counts, weights, values.length)
  const kept = values
    .map((value, index) => {
      const count = exact[index] ?? 0
      // A value that occurs stays known, however rare it is.
      return { value, count: count > 0 ? whole(count) || 1 : 0 }
    })
    .filter(({ count }) => count > 0)
    .toSorted(byCount)
  const listed = exact.reduce((sum, count) => sum + count, 0)
  return {
    ...column,
    top: kept.slice(0, TOP_VALUES),
    rest: kept.slice(TOP_VALUES),
    beyond: column.beyond === 0 ? 0 : Math.max(0, whole(weighted(pieces.present, weights) - listed)),
    ...(column.once === undefined ? {} : { once: column.once * partOf(column, listed) }),
    distinct: column.beyond === 0 ? kept.length : column.distinct,
  }
}

/** How much of the column's listed values a part has. */
function partOf({ top, rest }: CategoryProfile, listed: number): number {
  const all = [...top, ...rest].reduce((sum, { count }) => sum + count, 0)
  return all === 0 ? 0 : listed / all
}

/** Whole numbers whose running totals are nearest to those given. */
export function roundedAlong(values: readonly number[]): readonly number[] {
  let exact = 0
  let before = 0
  return values.map((value) => {
    exact += value
    const total = Math.round(exact)
    const whole = total - before
    before = total
    return whole
  })
}

function weighted(values: readonly number[], weights: PieceWeights): number {
  return values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), 0)
}

function weightedLists(
  lists: readonly (readonly number[])[],
  weights: PieceWeights,
  length: number,
): readonly number[] {
  const total = Array.from({ length }, () => 0)
  for (const [index, list] of lists.entries()) {
    const weight = weights[index] ?? 0
    if (weight !== 0) for (const [at, value] of list.entries()) total[at] = (total[at] ?? 0) + value * weight
  }
  return total
}
