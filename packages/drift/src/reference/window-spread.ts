import type { BinnedNumbers, CountedCategories } from '../count/binned-column.ts'
import { codeText } from '../count/scan-categories.ts'
import { categoryCells } from '../compare/category-cells.ts'
import { measureCategories, measureNumbers } from '../compare/measure.ts'
import { unevenWorth } from '../compare/row-worth.ts'
import { decidingResults } from '../compare/metrics/lookup.ts'
import type { ColumnPieces, NumberPieces, CategoryPieces, ReferencePieces } from '../profile/pieces.ts'
import type { ColumnProfile, ReferenceProfile } from '../profile/reference-profile.ts'
import type { Season } from '../profile/season.ts'
import { assemble } from './assemble.ts'
import { bySeason, somePieces, withoutPart } from './pieces-by-season.ts'
import { compositionOf, seasonWeights } from './season-weights.ts'

/** Fewer reference windows than this say too little about their spread. */
export const FEWEST_WINDOWS = 6
/** A reference window with fewer rows is left out. */
export const FEWEST_ROWS = 30

/**
 * What every metric shows when each of several unchanged windows is compared with the others: by column, then by metric.
 * `windows` says which pieces belong to each of them. Null with fewer than {@link FEWEST_WINDOWS}.
 */
export function windowSpread(
  profile: ReferenceProfile,
  pieces: ReferencePieces,
  windows: readonly (readonly boolean[])[],
  match: readonly Season[],
): readonly ColumnProfile['spread'][] | null {
  const rowsOf = (chosen: readonly boolean[]): number =>
    pieces.rows.reduce((sum, rows, index) => sum + (chosen[index] === true ? rows : 0), 0)
  const filled = windows.filter((chosen) => rowsOf(chosen) >= FEWEST_ROWS)
  if (filled.length < FEWEST_WINDOWS) return null
  const used = pieces.rows.flatMap((_, index) => (filled.some((chosen) => chosen[index] === true) ? [index] : []))
  const all = bySeason(somePieces(pieces, used))
  const shown = filled.map((chosen) => {
    const numbers = used.filter((index) => chosen[index] === true)
    const own = bySeason(somePieces(pieces, numbers), all.seasons)
    // The others are all without this one, so that many windows take no longer than they are many.
    const others = withoutPart(all, own)
    const every = all.seasons.map(() => true)
    const weights =
      match.length === 0
        ? all.seasons.map(() => 1)
        : seasonWeights(others, every, match, compositionOf(own, every, match)).weights
    const reference = assemble(profile, others, weights)
    return reference.columns.map((column, index) =>
      effectsOf(column, profile.columns[index], own.columns[column.name], every),
    )
  })
  return profile.columns.map((_, column) => {
    const names = new Set(shown.flatMap((effects) => [...(effects[column]?.keys() ?? [])]))
    const lists = [...names].map((name) => {
      const values = shown.flatMap((effects) => effects[column]?.get(name) ?? [])
      return [name, values] as const
    })
    return Object.fromEntries(lists.filter(([, values]) => values.length >= FEWEST_WINDOWS))
  })
}

/** The effects of the metrics that decide a column, by their names. */
function effectsOf(
  reference: ColumnProfile,
  whole: ColumnProfile | undefined,
  pieces: ColumnPieces | undefined,
  chosen: readonly boolean[],
): ReadonlyMap<string, number> {
  const worth = unevenWorth(reference.effects?.weights)
  const metrics =
    reference.kind === 'number' && pieces !== undefined && 'sums' in pieces
      ? measureNumbers(reference, numbersIn(pieces, chosen), null, worth)
      : reference.kind === 'category' && whole?.kind === 'category' && pieces !== undefined && 'present' in pieces
        ? measureCategories(
            categoryCells(
              reference,
              categoriesIn(
                pieces,
                chosen,
                [...whole.top, ...whole.rest].map(({ value }) => codeText(value, whole.type)),
              ),
            ),
            worth,
          )
        : []
  return new Map(
    decidingResults(metrics, reference.kind).flatMap(({ metric, effect }) =>
      effect === null ? [] : [[metric, Number(effect.toPrecision(6))]],
    ),
  )
}

function numbersIn(pieces: NumberPieces, chosen: readonly boolean[]): BinnedNumbers {
  const sum = (values: readonly number[]): number =>
    values.reduce((total, value, index) => total + (chosen[index] === true ? value : 0), 0)
  const counts = sumOfLists(pieces.counts, chosen)
  const finite = counts.reduce((total, count) => total + count, 0)
  const marks = {
    nulls: sum(pieces.nulls),
    nan: sum(pieces.nan),
    positiveInfinite: sum(pieces.positiveInfinite),
    negativeInfinite: sum(pieces.negativeInfinite),
  }
  const rows = finite + marks.nulls + marks.nan + marks.positiveInfinite + marks.negativeInfinite
  return { rows, ...marks, finite, counts, sums: sumOfLists(pieces.sums, chosen), squares: counts.map(() => 0) }
}

function categoriesIn(
  pieces: CategoryPieces,
  chosen: readonly boolean[],
  values: readonly string[],
): CountedCategories {
  const sum = (list: readonly number[]): number =>
    list.reduce((total, value, index) => total + (chosen[index] === true ? value : 0), 0)
  const listed = sumOfLists(pieces.counts, chosen)
  const counts = new Map(
    values.flatMap((value, index) => ((listed[index] ?? 0) > 0 ? [[value, listed[index] ?? 0]] : [])),
  )
  const [nulls, present] = [sum(pieces.nulls), sum(pieces.present)]
  const beyond = present - listed.reduce((total, count) => total + count, 0)
  return { rows: nulls + present, nulls, counts, beyond, distinct: counts.size }
}

function sumOfLists(lists: readonly (readonly number[])[], chosen: readonly boolean[]): readonly number[] {
  const total = Array.from({ length: lists[0]?.length ?? 0 }, () => 0)
  for (const [index, list] of lists.entries())
    if (chosen[index] === true) for (const [at, value] of list.entries()) total[at] = (total[at] ?? 0) + value
  return total
}
