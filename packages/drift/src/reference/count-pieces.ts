import { sql, type Warehouse } from '@martlet/warehouse'
import { presence } from '../count/absent-rows.ts'
import type { BinnedNumbers, CountedCategories } from '../count/binned-column.ts'
import type { Relation } from '../count/relation.ts'
import { codeText, scanCategories } from '../count/scan-categories.ts'
import { COLUMNS_PER_SCAN, scanNumbers } from '../count/scan-numbers.ts'
import { codesIn, openSource, type RowWeights } from '../count/scan-source.ts'
import { scanWindowRows } from '../count/scan-window-rows.ts'
import type { TimeWindow } from '../count/windows.ts'
import type { CategoryPieces, ColumnPieces, NumberPieces, ReferencePieces } from '../profile/pieces.ts'
import {
  centreOf,
  type CategoryProfile,
  type NumericProfile,
  type ReferenceProfile,
} from '../profile/reference-profile.ts'
import { seasonSql, type Seasons } from '../profile/season.ts'

/** The rows of a reference, and what to sort them by. */
export interface PiecesRequest {
  readonly relation: Relation
  /** Null: rows are not sorted by time. */
  readonly time: string | null
  /** Disjoint stretches of time; none: all of the rows. */
  readonly stretches: readonly TimeWindow[]
  readonly seasons: Seasons | null
  /** What the rows count as; absent: one each. */
  readonly weights?: RowWeights
}

/** Counts a reference on its profile's cells once more, by stretch of time and season, all in one scan of each column. */
export async function countPieces(
  warehouse: Warehouse,
  profile: ReferenceProfile,
  { relation, time, stretches, seasons, weights }: PiecesRequest,
): Promise<ReferencePieces> {
  const number = seasons === null || time === null ? sql`0` : seasonSql(warehouse.leaves, sql.id(time), seasons)
  const codes = seasons === null || time === null ? [0] : await codesIn(warehouse, relation, number)
  const sorted = stretches.length === 0 ? null : time
  // All stretches together weigh 1 on average, so that one with heavier rows is heavier.
  const weighed =
    weights === undefined
      ? {}
      : {
          weights: {
            ...weights,
            scales: Array.from({ length: Math.max(1, stretches.length) }, () => weights.scales[0] ?? 0),
          },
        }
  const divided = { number, codes }
  const source = openSource(warehouse, { relation, time: sorted, windows: stretches, divided, ...weighed })
  const { views = [] } = profile
  const times = profile.columns.filter(({ kind }) => kind === 'time')
  const counted = await scanWindowRows(warehouse, source, [
    ...times.map(({ name }) => sql.id(name)),
    ...views.map(presence),
  ])
  const used = counted.flatMap(({ rows }, index) => (rows > 0 ? [index] : []))
  const found = new Map<string, ColumnPieces>()
  for (const [at, { name }] of times.entries())
    found.set(name, { nulls: used.map((index) => counted[index]?.nulls[at] ?? 0) })
  const numbers = profile.columns.filter((column): column is NumericProfile => column.kind === 'number')
  for (let start = 0; start < numbers.length; start += COLUMNS_PER_SCAN) {
    const some = numbers.slice(start, start + COLUMNS_PER_SCAN)
    const scanned = await scanNumbers(
      warehouse,
      source,
      some.map((column) => ({ ...column, centre: centreOf(column) })),
    )
    for (const [index, { name }] of some.entries()) found.set(name, numberPieces(scanned[index] ?? [], used))
  }
  const categories = profile.columns.filter((column): column is CategoryProfile => column.kind === 'category')
  for (const column of categories) {
    const values = [...column.top, ...column.rest].map(({ value }) => codeText(value, column.type))
    const [windows = []] = await scanCategories(warehouse, source, [
      { name: column.name, type: column.type, always: values },
    ])
    found.set(column.name, categoryPieces(windows, used, values))
  }
  return {
    by: seasons?.by ?? [],
    zone: seasons?.zone ?? 'UTC',
    seasons: used.map((index) => codes[index % codes.length] ?? 0),
    stretches: used.map((index) => Math.floor(index / codes.length)),
    rows: used.map((index) => counted[index]?.rows ?? 0),
    ...(weights === undefined ? {} : { weight: used.map((index) => counted[index]?.weight ?? 0) }),
    absent: views.map((_, view) => used.map((index) => counted[index]?.nulls[times.length + view] ?? 0)),
    columns: Object.fromEntries(found),
  }
}

function numberPieces(windows: readonly BinnedNumbers[], used: readonly number[]): NumberPieces {
  const pieces = used.flatMap((index) => windows[index] ?? [])
  return {
    nulls: pieces.map(({ nulls }) => nulls),
    nan: pieces.map(({ nan }) => nan),
    positiveInfinite: pieces.map(({ positiveInfinite }) => positiveInfinite),
    negativeInfinite: pieces.map(({ negativeInfinite }) => negativeInfinite),
    counts: pieces.map(({ counts }) => counts),
    sums: pieces.map(({ sums }) => sums),
  }
}

function categoryPieces(
  windows: readonly CountedCategories[],
  used: readonly number[],
  values: readonly string[],
): CategoryPieces {
  const pieces = used.flatMap((index) => windows[index] ?? [])
  return {
    nulls: pieces.map(({ nulls }) => nulls),
    present: pieces.map(({ rows, nulls }) => rows - nulls),
    counts: pieces.map(({ counts }) => values.map((value) => counts.get(value) ?? 0)),
  }
}
