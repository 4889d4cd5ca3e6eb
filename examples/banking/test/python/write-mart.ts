import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { sql, tableRef, writeParquet, type Warehouse } from '@martlet/warehouse'

const TABLES = [
  'dim_customer',
  'dim_account',
  'fact_transactions',
  'fact_fraud_report',
  'running_balance',
  'fact_customer_change',
]

/** Writes the tables that second_opinion.py compares, as Parquet. */
export async function writeMart(warehouse: Warehouse, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const table of TABLES)
    await writeParquet(
      warehouse,
      sql`SELECT * FROM ${tableRef(`mart.${table}`)} AS t`,
      join(folder, `${table}.parquet`),
    )
}
