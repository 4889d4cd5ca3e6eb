import { sql, type Warehouse } from '@martlet/warehouse'
import { SPINE_MICROS, type CheckedSpine } from '../../compile/keyed-spine.ts'

/** How many rows a staged spine has, and its first and last time; the times of one without rows are 0. */
export async function spineBounds(
  session: Warehouse,
  table: string,
): Promise<Pick<CheckedSpine, 'rows' | 'first' | 'last'>> {
  const us = sql.id(SPINE_MICROS)
  const { columns } = await session.read(
    sql`SELECT COUNT(*) AS n, MIN(${us}) AS first, MAX(${us}) AS last FROM ${sql.id(table)}`,
  )
  const [rows = 0n, first = 0n, last = 0n] = columns.map((column) =>
    column.type === 'bigint' ? column.values[0] : undefined,
  )
  return { rows: Number(rows), first, last }
}
