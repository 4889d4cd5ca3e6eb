import { randomBytes } from 'node:crypto'
import { dropTable, rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { workTable } from './work-table.ts'

/** A run that began longer ago has been killed. */
const LONGEST_RUN = 86_400_000

/**
 * A table for one run of a monitor: runs of the same monitor at the same time have different ones. Its name says when the run
 * began.
 *
 * @example runTable('labelled', 'next_day', new Date()) // 'monitoring.labelled_next_day_run_mi8q2k1c_5f3a90c1'
 */
export function runTable(of: Parameters<typeof workTable>[0], monitor: string, now: Date): string {
  return `${workTable(of, monitor)}_run_${now.getTime().toString(36)}_${randomBytes(4).toString('hex')}`
}

/** Drops what killed runs of a monitor have left, and the table that all its runs had in earlier versions. */
export async function dropLeftTables(
  warehouse: Warehouse,
  of: Parameters<typeof workTable>[0],
  monitor: string,
  now: Date,
): Promise<void> {
  const shared = workTable(of, monitor)
  const [schema = '', own = ''] = shared.split('.')
  const found = rowsOf(
    await warehouse.read(sql`
      SELECT table_name AS name FROM information_schema.tables
      WHERE LOWER(table_schema) = ${schema} AND LOWER(table_name) LIKE ${`${own}%`}
    `),
  )
  for (const row of found) {
    const name = String(row['name']).toLowerCase()
    const began = name.startsWith(`${own}_run_`) ? /_run_([0-9a-z]+)_[0-9a-f]{8}$/.exec(name)?.[1] : undefined
    const isLeft = began !== undefined && now.getTime() - Number.parseInt(began, 36) > LONGEST_RUN
    if (isLeft || name === own) await dropTable(warehouse, `${schema}.${name}`)
  }
}
