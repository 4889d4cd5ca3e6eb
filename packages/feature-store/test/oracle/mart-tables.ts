import { columnBatch, type ColumnBatch, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import { sql } from 'kysely'
import { expect } from 'vitest'
import type { OracleMart, Row, Value } from './oracle.ts'

/**
 * Sums of multiples of 1/8 are exact, so counts, sums, extremes and choices must be equal to the bit. Quotients and
 * squares round: with values up to 8 and at most 60 of them, 1e-9 is six digits above double rounding.
 */
export function agree(actual: Value, expected: Value, where: string): void {
  if (typeof actual === 'number' && typeof expected === 'number' && !Number.isInteger(expected)) {
    expect(Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)), `${where}: ${actual} instead of ${expected}`).toBe(true)
  } else if (typeof actual === 'number' && typeof expected === 'number') {
    expect(Math.abs(actual - expected) <= 1e-9, `${where}: ${actual} instead of ${expected}`).toBe(true)
  } else expect(actual, where).toEqual(expected)
}

export async function loadMart(warehouse: Warehouse, facts: readonly Row[], contractRows: readonly Row[]): Promise<OracleMart> {
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS mart`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.readings (region VARCHAR, site_id BIGINT, ts TIMESTAMP, arrived TIMESTAMP, seq BIGINT, x DOUBLE, n BIGINT, c VARCHAR)`)
  await warehouse.run(sql`CREATE OR REPLACE TABLE mart.contracts (region VARCHAR, site_id BIGINT, tariff VARCHAR, level DOUBLE, valid_from TIMESTAMP, valid_to TIMESTAMP)`)
  await warehouse.append('mart.readings', tableBatch(facts, { region: 'text', site_id: 'bigint', ts: 'timestamp', arrived: 'timestamp', seq: 'bigint', x: 'double', n: 'bigint', c: 'text' }))
  await warehouse.append('mart.contracts', tableBatch(contractRows, { region: 'text', site_id: 'bigint', tariff: 'text', level: 'double', valid_from: 'timestamp', valid_to: 'timestamp' }))
  return { tables: { 'mart.readings': facts, 'mart.contracts': contractRows } }
}

export function spineBatch(spine: readonly Row[]): ColumnBatch {
  return tableBatch(spine, { region: 'text', site_id: 'bigint', at: 'timestamp' })
}

type Kind = 'text' | 'double' | 'bigint' | 'timestamp'

export function tableBatch(rows: readonly Row[], types: Readonly<Record<string, Kind>>): ColumnBatch {
  return columnBatch(Object.fromEntries(Object.entries(types).map(([name, type]) => {
    const values = rows.map((row) => row[name] ?? null)
    if (type === 'text') return [name, { type, values: values.map((one) => (one === null ? null : String(one))) }]
    if (type === 'double') return [name, { type, values: values.map((one) => (one === null ? null : Number(one))) }]
    return [name, { type, values: values.map((one) => (one === null ? null : BigInt(Number(one)))) }]
  })))
}

/** Rows as the oracle sees them: numbers for whole numbers and times. */
export function rowsOf(found: ColumnBatch): readonly Row[] {
  return Array.from({ length: found.rows }, (_, i) => Object.fromEntries(found.names.map((name, column) => [name, cell(found.columns[column], i)])))
}

function cell(column: ColumnVector | undefined, i: number): Value {
  if (column === undefined || column.nulls?.[i] === 1) return null
  if (column.type === 'boolean') return column.values[i] === 1
  if (column.type === 'text') return column.values[i] ?? null
  return Number(column.values[i])
}
