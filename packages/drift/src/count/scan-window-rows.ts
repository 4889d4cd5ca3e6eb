import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from './numbers-of.ts'
import type { OpenSource } from './scan-source.ts'

/** How many rows a window has, and in how many of them each value is null, by their weight where rows have one. */
export interface WindowRows {
  readonly rows: number
  /** The weight of the rows; as many as there are where rows have none. */
  readonly weight: number
  readonly nulls: readonly number[]
}

/** Counts the rows of all windows, and the nulls of some values in them. */
export async function scanWindowRows(
  warehouse: Warehouse,
  source: OpenSource,
  values: readonly Sql[],
): Promise<readonly WindowRows[]> {
  const { leaves } = warehouse
  const { weight } = source
  const named = values.map((value, index) => sql`${value} AS ${sql.id(`x${index}`)}`)
  const rows = source.select(weight === undefined ? named : [...named, sql`${weight.column} AS u`])
  const nullsOf = (x: Sql): Sql =>
    weight === undefined ? sql`COUNT(*) - COUNT(${x})` : sql`SUM(CASE WHEN ${x} IS NULL THEN u ELSE 0 END)`
  const nulls = values.map((_, index) => leaves.toDouble(nullsOf(sql.id(`x${index}`))))
  const weights = weight === undefined ? [] : [leaves.toDouble(sql`SUM(u)`)]
  const counts = [leaves.toDouble(sql`COUNT(*)`), ...nulls, ...weights].map(
    (count, index) => sql`${count} AS ${sql.id(`n${index}`)}`,
  )
  const batch = await warehouse.read(
    sql`SELECT ${sql.join([sql`w`, ...counts])} FROM (${rows}) AS window_rows GROUP BY w`,
  )
  const found = Array.from({ length: source.windows }, () => ({ rows: 0, weight: 0, nulls: values.map(() => 0) }))
  const [number = [], all = [], ...sums] = batch.columns.map(numbersOf)
  const [absent, [total = all]] = [sums.slice(0, values.length), sums.slice(values.length)]
  for (let row = 0; row < batch.rows; row += 1) {
    const at = source.indexOf(number[row] ?? -1) ?? -1
    const window = found[at]
    if (window === undefined) continue
    const weightOf = (sum = 0): number => (weight === undefined ? sum : weight.weightOf(sum, at))
    window.rows += all[row] ?? 0
    window.weight += weightOf(total[row])
    for (const [value, counts] of absent.entries())
      window.nulls[value] = (window.nulls[value] ?? 0) + weightOf(counts[row])
  }
  return found
}
