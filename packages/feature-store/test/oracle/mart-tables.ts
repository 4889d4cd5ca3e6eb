import {
  columnBatch,
  dropTable,
  ensureTable,
  type ColumnBatch,
  type ColumnVector,
  type Warehouse,
} from '@martlet/warehouse'
import type { OracleMart } from './mart.ts'
import type { Row, Value } from './row.ts'

const READINGS = {
  region: 'text',
  site_id: 'bigint',
  ts: 'timestamp',
  arrived: 'timestamp',
  seq: 'bigint',
  x: 'double',
  n: 'bigint',
  c: 'text',
} as const
const CONTRACTS = {
  region: 'text',
  site_id: 'bigint',
  tariff: 'text',
  level: 'double',
  valid_from: 'timestamp',
  valid_to: 'timestamp',
} as const

export async function loadMart(
  warehouse: Warehouse,
  facts: readonly Row[],
  contractRows: readonly Row[],
): Promise<OracleMart> {
  await replaceTable(warehouse, 'mart.readings', READINGS, facts)
  await replaceTable(warehouse, 'mart.contracts', CONTRACTS, contractRows)
  return { tables: { 'mart.readings': facts, 'mart.contracts': contractRows } }
}

/** A table with these rows and no others. */
export async function replaceTable(
  warehouse: Warehouse,
  table: string,
  types: Readonly<Record<string, Kind>>,
  rows: readonly Row[],
): Promise<void> {
  await dropTable(warehouse, table)
  await ensureTable(warehouse, { table, columns: Object.entries(types).map(([name, type]) => ({ name, type })) })
  await warehouse.append(table, tableBatch(rows, types))
}

export function spineBatch(spine: readonly Row[]): ColumnBatch {
  return tableBatch(spine, { region: 'text', site_id: 'bigint', at: 'timestamp' })
}

export type Kind = 'text' | 'date' | 'double' | 'bigint' | 'timestamp'

export function tableBatch(rows: readonly Row[], types: Readonly<Record<string, Kind>>): ColumnBatch {
  return columnBatch(
    Object.fromEntries(
      Object.entries(types).map(([name, type]) => {
        const values = rows.map((row) => row[name] ?? null)
        if (type === 'text') return [name, { type, values: values.map((one) => (one === null ? null : String(one))) }]
        if (type === 'double') return [name, { type, values: values.map((one) => (one === null ? null : Number(one))) }]
        // Dates are days since 1970 in these rows.
        if (type === 'date') return [name, { type, values: values.map((one) => (one === null ? null : Number(one))) }]
        return [name, { type, values: values.map((one) => (one === null ? null : BigInt(Number(one)))) }]
      }),
    ),
  )
}

/** Rows as the oracle sees them: numbers for whole numbers and times. */
export function rowsOf(found: ColumnBatch): readonly Row[] {
  return Array.from({ length: found.rows }, (_, i) =>
    Object.fromEntries(found.names.map((name, column) => [name, cell(found.columns[column], i)])),
  )
}

function cell(column: ColumnVector | undefined, i: number): Value {
  if (column === undefined || column.nulls?.[i] === 1) return null
  if (column.type === 'boolean') return column.values[i] === 1
  if (column.type === 'text') return column.values[i] ?? null
  return Number(column.values[i])
}
