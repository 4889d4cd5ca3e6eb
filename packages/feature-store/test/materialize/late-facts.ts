import { dropTable, ensureTable, type Warehouse } from '@martlet/warehouse'
import { usage } from './energy.ts'

/** The table of readings without any, with columns for more times. */
export async function createTable(warehouse: Warehouse, times: readonly string[] = []): Promise<void> {
  await dropTable(warehouse, usage.plan.table)
  await ensureTable(warehouse, {
    table: usage.plan.table,
    columns: [
      { name: 'customer_id', type: 'text' },
      { name: 'ts', type: 'timestamp' },
      { name: 'kwh', type: 'double' },
      ...times.map((name) => ({ name, type: 'timestamp' as const })),
    ],
  })
}
