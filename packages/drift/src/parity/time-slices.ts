import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import type { LoggedRows } from './logged-rows.ts'

/** Cuts predictions by time into stretches of about so many, each of whole instants. */
export async function timeSlices(
  warehouse: Warehouse,
  rows: LoggedRows,
  atOnce: number,
): Promise<readonly LoggedRows[]> {
  const count = [...rows.counts.values()].reduce((sum, n) => sum + n, 0)
  const slices = Math.ceil(count / Math.max(1, atOnce))
  if (slices <= 1) return [rows]
  const { leaves } = warehouse
  const found = rowsOf(
    await warehouse.read(sql`
      SELECT slice, MIN(us) AS first
      FROM (
        SELECT us, NTILE(${sql.lit(slices)}) OVER (ORDER BY us) AS slice
        FROM (SELECT ${leaves.epochMicros(sql.id('predicted_at'))} AS us FROM ${tableRef(rows.table)} WHERE ${rows.where}) t
      ) n
      GROUP BY slice ORDER BY slice
    `),
  )
  const starts = [...new Set(found.map((row) => BigInt(String(row['first']))))]
  return starts.map((first, i) => {
    const next = starts[i + 1]
    const from = i === 0 ? [] : [sql`predicted_at >= ${leaves.timestamp(first)}`]
    const to = next === undefined ? [] : [sql`predicted_at < ${leaves.timestamp(next)}`]
    return { ...rows, where: sql.join([sql`(${rows.where})`, ...from, ...to], sql` AND `) }
  })
}
