import { columnBatch, sql, tableRef, type ColumnInput, type Warehouse } from '@martlet/warehouse'
import { makeCompany, type Company } from './company.ts'
import { makePlatform, type Platform } from './platform.ts'

export interface WorldOptions {
  readonly seed: number
  readonly customers: number
  /** Days of runs and queues. */
  readonly days: number
  /** Days of the company. @default as many */
  readonly companyDays?: number
  /** Where the history ends, in milliseconds since the epoch. */
  readonly end: number
}

/** A company and the platform on which it runs. */
export interface World extends Company, Platform {}

/** The same numbers make the same world. */
export function makeWorld(options: WorldOptions): World {
  const { days, companyDays = days } = options
  return { ...makeCompany({ ...options, days: companyDays }), ...makePlatform(options) }
}

type Row = Readonly<Record<string, string | number | bigint | boolean | Date | null>>

const MONEY = { decimal: [12, 2] } as const
const TYPES: Readonly<Record<string, ColumnInput['type']>> = {
  monthly_fee: MONEY,
  amount: MONEY,
  waited_seconds: 'double',
  seconds: 'double',
  failed: 'boolean',
}
const WHOLE =
  /^(?:calls|active_users|satisfaction|every_minutes|fresh_minutes|rows_written|bytes_written|waiting|running)$/

/** Replaces what is in the tables of the company and the platform, and returns the rows by table. */
export async function writeWorld(warehouse: Warehouse, world: World): Promise<Readonly<Record<string, number>>> {
  const tables: readonly (readonly [string, readonly object[]])[] = [
    ['mart.dim_customer', world.customers],
    ['mart.dim_contract', world.contracts],
    ['mart.fact_usage', world.usage],
    ['mart.fact_invoice', world.invoices],
    ['mart.fact_ticket', world.tickets],
    ['ops.dim_pipeline', world.pipelines],
    ['ops.fact_run', world.runs],
    ['ops.fact_queue', world.queues],
  ]
  const written: Record<string, number> = {}
  for (const [table, rows] of tables) {
    await warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
    written[table] = await warehouse.append(table, batchOf(rows as readonly Row[]))
  }
  return written
}

function batchOf(rows: readonly Row[]): ReturnType<typeof columnBatch> {
  const names = Object.keys(rows[0] ?? {})
  const inputs = names.map((name) => [name, { type: typeOf(name), values: rows.map((row) => row[name] ?? null) }])
  return columnBatch(Object.fromEntries(inputs) as Record<string, ColumnInput>)
}

function typeOf(name: string): ColumnInput['type'] {
  if (name.endsWith('_at') || name === 'valid_from') return 'timestamp'
  return TYPES[name] ?? (WHOLE.test(name) ? 'bigint' : 'text')
}
