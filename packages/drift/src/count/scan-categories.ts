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
    const [number = [], , count = [], distinct = [], all = [], rows = [], once = []] = batch.columns.map(
      (vector, index) => (index === 1 ? [] : numbersOf(vector)),
    )
    const { weight } = source
    const windows = Array.from({ length: source.windows }, () => ({
      rows: 0,
      nulls: 0,
      counts: new Map<string, number>(),
      beyond: 0,
      distinct: 0,
      ...(weight === undefined ? {} : { weighed: { valueRows: 0, once: 0 } }),
    }))
    for (let row = 0; row < batch.rows; row += 1) {
      const at = source.indexOf(number[row] ?? -1) ?? -1
      const window = windows[at]
      const text = value[row]
      if (window === undefined || text === undefined) continue
      const weightOf = (sum = 0): number => (weight === undefined ? sum : weight.weightOf(sum, at))
      window.rows = weightOf(all[row])
      window.distinct = distinct[row] ?? 0
      if (text === null) window.nulls = weightOf(count[row])
      else window.counts.set(text, weightOf(count[row]))
      if (weight !== undefined) window.weighed = { valueRows: rows[row] ?? 0, once: weightOf(once[row]) }
    }
    found.push(
      windows.map((window) => ({
        ...window,
        beyond: restOf(window),
      })),
    )
  }
  return found
}

/** Rows whose value was not returned. Of weights that are rounded one by one, what is less than they lose together is nothing. */
function restOf({ rows, nulls, counts, weighed }: CountedCategories): number {
  const rest = rows - nulls - [...counts.values()].reduce((sum, n) => sum + n, 0)
  return weighed === undefined || rest > 1e-6 * (counts.size + 2) ? rest : 0
}

/**
 * The statement of {@link scanCategories}: rows of (window, value, count, distinct values, rows); of weighted rows sums of weights,
 * then the rows with a value and the weight of values that one row alone has.
 */
export function categoryScanSql(warehouse: Warehouse, source: OpenSource, { name, type, always }: CategoryScan): Sql {
  const { leaves } = warehouse
  if (source.weight !== undefined)
    return weighedScanSql(warehouse, source, source.weight.column, { name, type, always })
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

function weighedScanSql(
  warehouse: Warehouse,
  source: OpenSource,
  weight: Sql,
  { name, type, always }: CategoryScan,
): Sql {
  const { leaves } = warehouse
  const rows = source.select([sql`${categoryText(warehouse, name, type)} AS v`, sql`${weight} AS u`])
  const counted = sql`SELECT w, v, SUM(u) AS n, COUNT(*) AS k FROM (${rows}) AS text_rows GROUP BY w, v`
  const ranked = sql`
    SELECT w, v, n, COUNT(v) OVER (PARTITION BY w) AS d, SUM(n) OVER (PARTITION BY w) AS a,
      SUM(CASE WHEN v IS NULL THEN 0 ELSE k END) OVER (PARTITION BY w) AS k,
      SUM(CASE WHEN v IS NOT NULL AND k = 1 THEN n ELSE 0 END) OVER (PARTITION BY w) AS o,
      ROW_NUMBER() OVER (PARTITION BY w ORDER BY n DESC NULLS LAST, v ASC NULLS LAST) AS r
    FROM (${counted}) AS value_counts
  `
  const kept = always.length === 0 ? sql`` : sql` OR v IN (${sql.join(always)})`
  const number = (column: string): Sql => leaves.toDouble(sql.raw(column))
  return sql`
    SELECT w, v, ${number('n')} AS n, ${number('d')} AS d, ${number('a')} AS a, ${number('k')} AS k, ${number('o')} AS o
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
