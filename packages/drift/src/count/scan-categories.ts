import { sql, type ColumnType, type Sql, type Warehouse } from '@martlet/warehouse'
import type { CountedCategories } from './binned-column.ts'
import { numbersOf, textsOf } from './numbers-of.ts'
import type { OpenSource } from './scan-source.ts'

/** Values whose names and counts are kept, so that each has a cell and an unseen value is recognised. */
export const KEPT_VALUES = 1000

/** A category column to count; the values of `always` are returned however rare they have become. */
export interface CategoryScan {
  readonly name: string
  readonly type: ColumnType
  readonly always: readonly string[]
}

/** Counts category columns in all windows: `result[column][window]`. About a thousand values of each leave the warehouse at most. */
export async function scanCategories(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly CategoryScan[],
): Promise<readonly (readonly CountedCategories[])[]> {
  const found: CountedCategories[][] = []
  for (const column of columns) {
    const batch = await warehouse.read(categoryScanSql(warehouse, source, column))
    const value = textsOf(batch.columns[1])
    const [number = [], , count = [], distinct = [], all = []] = batch.columns.map((vector, index) =>
      index === 1 ? [] : numbersOf(vector),
    )
    const windows = Array.from({ length: source.windows }, () => ({
      rows: 0,
      nulls: 0,
      counts: new Map<string, number>(),
      beyond: 0,
      distinct: 0,
    }))
    for (let row = 0; row < batch.rows; row += 1) {
      const window = windows[source.indexOf(number[row] ?? -1) ?? -1]
      const text = value[row]
      if (window === undefined || text === undefined) continue
      window.rows = all[row] ?? 0
      window.distinct = distinct[row] ?? 0
      if (text === null) window.nulls = count[row] ?? 0
      else window.counts.set(text, count[row] ?? 0)
    }
    found.push(
      windows.map((window) => ({
        ...window,
        beyond: window.rows - window.nulls - [...window.counts.values()].reduce((sum, n) => sum + n, 0),
      })),
    )
  }
  return found
}

/** The statement of {@link scanCategories}: rows of (window, value, count, distinct values, rows). */
export function categoryScanSql(warehouse: Warehouse, source: OpenSource, { name, type, always }: CategoryScan): Sql {
  const { leaves } = warehouse
  const rows = source.select([sql`${categoryText(warehouse, name, type)} AS v`])
  const counted = sql`SELECT w, v, COUNT(*) AS n FROM (${rows}) AS text_rows GROUP BY w, v`
  const ranked = sql`
    SELECT w, v, n, COUNT(v) OVER (PARTITION BY w) AS d, SUM(n) OVER (PARTITION BY w) AS a,
      ROW_NUMBER() OVER (PARTITION BY w ORDER BY n DESC NULLS LAST, v ASC NULLS LAST) AS r
    FROM (${counted}) AS value_counts
  `
  const kept = always.length === 0 ? sql`` : sql` OR v IN (${sql.join(always)})`
  const number = (column: string): Sql => leaves.toDouble(sql.raw(column))
  return sql`
    SELECT w, v, ${number('n')} AS n, ${number('d')} AS d, ${number('a')} AS a
    FROM (${ranked}) AS ranked_values
    WHERE v IS NULL OR r <= ${sql.raw(String(KEPT_VALUES + 1))}${kept}
  `
}

/** From here on, whole numbers are printed as the engine prints them. */
const LARGEST_CODE = '1e15'

/** A category as text. A code is the same value in every type of number: 1, 1.0 and 1.00 are all `1`. */
export function categoryText({ leaves }: Warehouse, name: string, type: ColumnType): Sql {
  const column = sql.id(name)
  const text = leaves.columnType('text')
  const printed = sql`CAST(${column} AS ${text})`
  if (!hasFractions(type)) return printed
  const code = sql`
    CASE
      WHEN ${column} = FLOOR(${column}) AND ABS(${column}) < ${sql.raw(LARGEST_CODE)} THEN ${column} END
  `
  return sql`COALESCE(CAST(CAST(${code} AS ${leaves.columnType({ decimal: [38, 0] })}) AS ${text}), ${printed})`
}

/** The text that {@link categoryText} gives now, for a value that was stored before it did. */
export function codeText(value: string, type: ColumnType): string {
  return hasFractions(type) ? value.replace(/^-0\.0+$|^-0$/, '0').replace(/^(-?\d{1,15})\.0+$/, '$1') : value
}

function hasFractions(type: ColumnType): boolean {
  return type === 'double' || typeof type === 'object'
}
