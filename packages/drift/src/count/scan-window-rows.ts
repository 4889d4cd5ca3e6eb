import { sql, type Sql, type Warehouse } from '@martlet/warehouse'
import { numbersOf } from './numbers-of.ts'
import type { OpenSource } from './scan-source.ts'

/** How many rows a window has, and in how many of them each value is null. */
export interface WindowRows {
  readonly rows: number
  readonly nulls: readonly number[]
}

/** Counts the rows of all windows, and the nulls of some values in them. */
export async function scanWindowRows(
  warehouse: Warehouse,
  source: OpenSource,
  values: readonly Sql[],
): Promise<readonly WindowRows[]> {
  const { leaves } = warehouse
  const rows = source.select(values.map((value, index) => sql`${value} AS ${sql.id(`x${index}`)}`))
  const nulls = values.map((_, index) => leaves.toDouble(sql`COUNT(*) - COUNT(${sql.id(`x${index}`)})`))
  const counts = [leaves.toDouble(sql`COUNT(*)`), ...nulls].map(
    (count, index) => sql`${count} AS ${sql.id(`n${index}`)}`,
  )
  const batch = await warehouse.read(
    sql`SELECT ${sql.join([sql`w`, ...counts])} FROM (${rows}) AS window_rows GROUP BY w`,
  )
  const found = Array.from({ length: source.windows }, () => ({ rows: 0, nulls: values.map(() => 0) }))
  const [number = [], all = [], ...absent] = batch.columns.map(numbersOf)
  for (let row = 0; row < batch.rows; row += 1) {
    const window = found[source.indexOf(number[row] ?? -1) ?? -1]
    if (window === undefined) continue
    window.rows += all[row] ?? 0
    for (const [value, counts] of absent.entries())
      window.nulls[value] = (window.nulls[value] ?? 0) + (counts[row] ?? 0)
  }
  return found
}
