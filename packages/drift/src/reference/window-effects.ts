import type { ColumnPieces, ReferencePieces } from '../profile/pieces.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import type { WindowEffect } from '../profile/group-effects.ts'
import { coarserSeason, type Season } from '../profile/season.ts'
import { beyondWeights } from '../profile/weight-effects.ts'
import { seasonalEffect, type SeasonalCounts } from '../statistics/seasonal-effect.ts'
import { FEWEST_ROWS, FEWEST_WINDOWS } from './window-spread.ts'

/** Category values that have a cell of their own. */
const CELLS = 12

/** What the windows of a reference show of how much windows differ. */
export interface WindowEffects {
  readonly columns: readonly WindowEffect[]
  readonly views: readonly WindowEffect[]
}

/**
 * How much more columns vary between the windows of a reference than independent rows do, beyond what `match` explains. Null with
 * fewer than {@link FEWEST_WINDOWS}.
 */
export function windowEffects(
  profile: ReferenceProfile,
  pieces: ReferencePieces,
  windows: readonly (readonly boolean[])[],
  match: readonly Season[],
  seconds: number,
): WindowEffects | null {
  const rowsOf = (chosen: readonly boolean[]): number =>
    pieces.rows.reduce((sum, rows, index) => sum + (chosen[index] === true ? rows : 0), 0)
  const filled = windows.filter((chosen) => rowsOf(chosen) >= FEWEST_ROWS)
  if (filled.length < FEWEST_WINDOWS) return null
  const codes = pieces.seasons.map((code) => (match.length === 0 ? 0 : coarserSeason(code, pieces.by, match)))
  const places = new Map([...new Set(codes)].map((code, index) => [code, index]))
  const members = filled.map((chosen) => codes.flatMap((_, index) => (chosen[index] === true ? [index] : [])))
  /** Adds up the pieces' cells, by window and season. */
  const counted = (cellsOf: (piece: number) => readonly number[], width: number): SeasonalCounts =>
    members.map((numbers) => {
      const bySeason = Array.from({ length: places.size }, () => Array.from({ length: width }, () => 0))
      for (const piece of numbers) {
        const into = bySeason[places.get(codes[piece] ?? 0) ?? 0]
        if (into !== undefined)
          for (const [cell, count] of cellsOf(piece).entries()) into[cell] = (into[cell] ?? 0) + count
      }
      return bySeason
    })
  const effect = (cellsOf: (piece: number) => readonly number[], cells: number): WindowEffect =>
    effectBetween(counted(cellsOf, cells + 2), cells, seconds)
  return {
    columns: profile.columns.map((column) => {
      const { cells, cellsOf } = cellsIn(column, pieces)
      return beyondWeights(effect(cellsOf, cells), column.effects?.weights)
    }),
    views: (profile.views ?? []).map(({ effects }, view) => {
      const absent = pieces.absent[view] ?? []
      const found = effect((piece) => [weightOf(pieces, piece) - (absent[piece] ?? 0), absent[piece] ?? 0, 0], 1)
      return beyondWeights(found, effects?.weights)
    }),
  }
}

/** The counts of a piece on the cells that rows are alike by: values, then nulls, then numbers that are not finite. */
function cellsIn(
  column: ColumnProfile,
  reference: ReferencePieces,
): { readonly cells: number; readonly cellsOf: (piece: number) => readonly number[] } {
  const pieces: ColumnPieces | undefined = reference.columns[column.name]
  const nulls = (piece: number): number => pieces?.nulls[piece] ?? 0
  if (column.kind === 'number' && pieces !== undefined && 'sums' in pieces) {
    const cells = column.deciles.length + 1
    let cell = 0
    const place = column.edges.map((edge) => (column.deciles[cell] === edge ? cell++ : cell))
    return {
      cells,
      cellsOf: (piece) => {
        const list = Array.from({ length: cells + 2 }, () => 0)
        for (const [bin, count] of (pieces.counts[piece] ?? []).entries()) {
          const at = place[bin] ?? cells - 1
          list[at] = (list[at] ?? 0) + count
        }
        list[cells] = nulls(piece)
        list[cells + 1] =
          (pieces.nan[piece] ?? 0) + (pieces.positiveInfinite[piece] ?? 0) + (pieces.negativeInfinite[piece] ?? 0)
        return list
      },
    }
  }
  if (column.kind === 'category' && pieces !== undefined && 'present' in pieces) {
    const named = Math.min(CELLS, column.top.length)
    return {
      cells: named + 1,
      cellsOf: (piece) => {
        const first = (pieces.counts[piece] ?? []).slice(0, named)
        const others = (pieces.present[piece] ?? 0) - first.reduce((sum, count) => sum + count, 0)
        return [...first, others, nulls(piece), 0]
      },
    }
  }
  return { cells: 1, cellsOf: (piece) => [weightOf(reference, piece) - nulls(piece), nulls(piece), 0] }
}

/** What the rows of a piece count as. */
function weightOf({ rows, weight = rows }: ReferencePieces, piece: number): number {
  return weight[piece] ?? 0
}

function effectBetween(counts: SeasonalCounts, cells: number, seconds: number): WindowEffect {
  const values = seasonalEffect(counts, cells)
  const rowsIn = counts.map((group) => group.reduce((sum, list) => sum + list.reduce((all, n) => all + n, 0), 0))
  const rows = rowsIn.reduce((sum, n) => sum + n, 0)
  const excess = (kept: number): number => {
    const two = counts.map((group) =>
      group.map((list) => [list.reduce((sum, n) => sum + n, 0) - (list[kept] ?? 0), list[kept] ?? 0]),
    )
    return Math.max(0, seasonalEffect(two, 2)?.shares ?? 0)
  }
  const shares = Math.max(0, values?.shares ?? 0)
  return {
    shares: rounded(shares),
    spread: rounded(shares === 0 ? 0 : Math.max(shares, values?.spread ?? 0)),
    cumulative: rounded(Math.max(0, values?.cumulative ?? 0)),
    nulls: rounded(excess(cells)),
    nonFinite: rounded(excess(cells + 1)),
    groups: rounded(values?.groups ?? counts.length),
    seconds,
    rows: rows === 0 ? 0 : rounded(rowsIn.reduce((sum, n) => sum + n * n, 0) / rows),
  }
}

/** Six digits are more than the estimate has. */
function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
