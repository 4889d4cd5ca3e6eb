import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { presence } from '../count/absent-rows.ts'
import { numbersOf } from '../count/numbers-of.ts'
import { codeText } from '../count/scan-categories.ts'
import { categoryCellScan, numberCells, presenceCells, scanGroups, type CellScan } from '../count/scan-groups.ts'
import type { OpenSource } from '../count/scan-source.ts'
import { designEffect, type GroupMoments } from '../statistics/design-effect.ts'
import type { ColumnProfile } from './reference-profile.ts'
import type { ViewColumns } from '../count/absent-rows.ts'

/** How much more a column varies from one group of rows to the next than independent rows would; 0: not more. */
export interface GroupEffect {
  /** Design effect of the shares of the column's cells, less 1. */
  readonly shares: number
  /** Root mean square of the same eigenvalues, each less 1. */
  readonly spread: number
  /** Design effect of cumulative shares, less 1. */
  readonly cumulative: number
  /** Design effect of the share of nulls, less 1. */
  readonly nulls: number
  /** Design effect of the share of NaN and ±Infinity, less 1. */
  readonly nonFinite: number
  /** Kish's number of groups. */
  readonly groups: number
}

/** How much more a column varies from one window to the next, of the reference's own windows. */
export interface WindowEffect extends GroupEffect {
  /** The length of a window. */
  readonly seconds: number
  /** Rows of a window. */
  readonly rows: number
}

/** Rows of one entity, or of one stretch of time, of a column or a view; of weighted rows beyond what their weights do. */
export interface RowEffects {
  /** Of the weights of rows; absent where all are the same. */
  readonly weights?: GroupEffect
  readonly entity?: GroupEffect
  /** By the lengths of stretches in the profile's `dependence`. */
  readonly time?: readonly GroupEffect[]
  /** Of windows like the one that is compared, where the reference has several. */
  readonly windows?: WindowEffect
  /** The same beyond what the seasons of their rows explain. */
  readonly seasonWindows?: WindowEffect
}

/** Groups that are looked at when there are more: their number only makes the estimate more certain. */
const MOST_ENTITIES = 2000
/** Values of a category column that have a cell of their own. */
const CELLS = 12

/** The cells that a column's dependence is measured on. */
export function cellScanOf(column: ColumnProfile): CellScan {
  switch (column.kind) {
    case 'number':
      return numberCells(column, column.deciles, column.edges)
    case 'category':
      return categoryCellScan(
        column,
        column.top.slice(0, CELLS).map(({ value }) => codeText(value, column.type)),
      )
    case 'time':
      return presenceCells(sql.id(column.name))
  }
}

/** The cells of a view: whether a row has any of its values. */
export function cellScanOfView(view: ViewColumns): CellScan {
  return presenceCells(presence(view))
}

/** The effect of the groups whose moments these are. */
export function groupEffect(moments: GroupMoments, cells: number): GroupEffect {
  const values = designEffect(moments, cells)
  const excess = (of: 'nulls' | 'nonFinite'): number =>
    Math.max(0, designEffect(mergedCells(moments, cells, of), 2)?.shares ?? 0)
  const shares = Math.max(0, values?.shares ?? 0)
  return {
    shares: rounded(shares),
    spread: rounded(shares === 0 ? 0 : Math.max(shares, values?.spread ?? 0)),
    cumulative: rounded(Math.max(0, values?.cumulative ?? 0)),
    nulls: rounded(excess('nulls')),
    nonFinite: rounded(excess('nonFinite')),
    groups: rounded(kish(moments)),
  }
}

/** The effects of entities in each window, by column: undefined where every row is a group of its own. */
export async function entityEffects(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  entity: readonly string[],
): Promise<readonly (readonly (GroupEffect | undefined)[])[]> {
  const none = columns.map(() => Array.from({ length: source.windows }, () => undefined))
  if (entity.length === 0 || columns.length === 0) return none
  const keys = entity.map((name) => sql.id(name))
  // Nobody knows how many entities the rows without a key are of.
  const known = sql.join(
    keys.map((name) => sql`${name} IS NOT NULL`),
    sql` AND `,
  )
  const key = sql`CASE WHEN ${known} THEN ${warehouse.leaves.rowBucket(1_000_000_000_000, ...keys)} END`
  const groups = await countGroups(warehouse, source, key)
  if (groups.every(({ rows, found }) => rows === found)) return none
  const step = Math.ceil(Math.max(...groups.map(({ found }) => found)) / MOST_ENTITIES)
  const where = step === 1 ? {} : { where: sql`${warehouse.leaves.rowBucket(step, ...keys)} = 0` }
  const [moments = []] = await scanGroups(warehouse, source, columns, { key, levels: [1], ...where })
  return moments.map((windows, index) => windows.map((one) => groupEffect(one, columns[index]?.cells ?? 0)))
}

async function countGroups(
  warehouse: Warehouse,
  source: OpenSource,
  key: Sql,
): Promise<readonly { readonly rows: number; readonly found: number }[]> {
  const { leaves } = warehouse
  const batch = await warehouse.read(sql`
    SELECT ${leaves.toDouble(sql`COUNT(g)`)} AS n, ${leaves.toDouble(sql`COUNT(DISTINCT g)`)} AS d
    FROM (${source.select([sql`${key} AS g`])}) AS keyed_rows
    GROUP BY w
  `)
  const [rows = [], found = []] = batch.columns.map(numbersOf)
  return rows.map((count, index) => ({ rows: count, found: found[index] ?? 0 }))
}

/** How many stretches of each length have rows, by window. */
export async function countStretches(
  warehouse: Warehouse,
  source: OpenSource,
  time: string,
  seconds: readonly number[],
): Promise<readonly (readonly number[])[]> {
  const found = Array.from({ length: source.windows }, () => seconds.map(() => 0))
  if (seconds.length === 0) return found
  const { leaves } = warehouse
  const micros = leaves.epochMicros(sql.id(time))
  const numbers = seconds.map(
    (length, level) => sql`${leaves.floorDivide(micros, length * 1e6)} AS ${sql.id(`g${level}`)}`,
  )
  const counts = seconds.map((_, level) => leaves.toDouble(sql`COUNT(DISTINCT ${sql.id(`g${level}`)})`))
  const named = counts.map((count, level) => sql`${count} AS ${sql.id(`n${level}`)}`)
  const batch = await warehouse.read(
    sql`SELECT ${sql.join([sql`w`, ...named])} FROM (${source.select(numbers)}) AS timed_rows GROUP BY w`,
  )
  const [windows = [], ...levels] = batch.columns.map(numbersOf)
  for (const [row, number] of windows.entries()) {
    const window = found[source.indexOf(number) ?? -1]
    for (const [level, values] of levels.entries()) if (window !== undefined) window[level] = values[row] ?? 0
  }
  return found
}

/** The effects of stretches of time by column, one for each length; lengths are multiples of the first. */
export async function timeEffects(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CellScan[],
  time: string,
  seconds: readonly number[],
): Promise<readonly (readonly GroupEffect[])[]> {
  const [first = 1] = seconds
  const micros = warehouse.leaves.epochMicros(sql.id(time))
  const levels = seconds.map((length) => length / first)
  const key = warehouse.leaves.floorDivide(micros, first * 1e6)
  const found = await scanGroups(warehouse, source, columns, { key, levels })
  return columns.map(({ cells }, column) =>
    found.map((level) => groupEffect(level[column]?.[0] ?? { counts: [], products: [] }, cells)),
  )
}

/** Values as one cell, with nulls or other rows without a value as the second or third one. */
function mergedCells({ counts, products }: GroupMoments, cells: number, kept: 'nulls' | 'nonFinite'): GroupMoments {
  const place = (cell: number): number => {
    if (cell < cells) return 0
    return (cell === cells) === (kept === 'nulls') ? 1 : 0
  }
  const merged = {
    counts: [0, 0],
    products: [
      [0, 0],
      [0, 0],
    ],
  }
  for (const [k, count] of counts.entries()) {
    merged.counts[place(k)] = (merged.counts[place(k)] ?? 0) + count
    for (const [l, product] of (products[k] ?? []).entries()) {
      const line = merged.products[place(k)]
      if (line !== undefined) line[place(l)] = (line[place(l)] ?? 0) + product
    }
  }
  return merged
}

/** Kish's number of groups. */
export function kish({ counts, products }: GroupMoments): number {
  const rows = counts.reduce((sum, count) => sum + count, 0)
  const squares = products.reduce((sum, line) => sum + line.reduce((all, product) => all + product, 0), 0)
  return squares === 0 ? 0 : (rows * rows) / squares
}

/** Six digits are more than the estimate has. */
export function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
