import { columnBatch, ensureTable, rowsOf, sql, tableRef } from '@martlet/warehouse'
import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import type { Delivered, Interval } from './twin.ts'

export const HOUR = 3_600_000_000n
const ORIGIN = BigInt(Date.UTC(2026, 0, 1)) * 1000n

/** The instant of an hour, in microseconds since the epoch. */
export function hour(hours: number): bigint {
  return ORIGIN + BigInt(hours) * HOUR
}

const VALUES: readonly ColumnSpec[] = [
  { name: 'n', type: 'integer' },
  { name: 'note', type: 'text' },
]
const TIMES: readonly ColumnSpec[] = [
  { name: 'updated_at', type: 'timestamp' },
  { name: 'loaded_at', type: 'timestamp' },
]

/** `raw.things`, where rows arrive; `staging.things`, the newest of each; `mart.dim_thing`, the intervals of each. */
export async function openTables(warehouse: Warehouse): Promise<void> {
  const id: ColumnSpec = { name: 'id', type: 'text' }
  const key = { ...id, nullable: false }
  await ensureTable(warehouse, { table: 'raw.things', columns: [id, ...VALUES, ...TIMES] })
  await ensureTable(warehouse, { table: 'staging.things', columns: [key, ...VALUES, ...TIMES] })
  const interval: readonly ColumnSpec[] = [
    { name: 'valid_from', type: 'timestamp', nullable: false },
    { name: 'valid_to', type: 'timestamp' },
  ]
  await ensureTable(warehouse, { table: 'mart.dim_thing', columns: [key, ...VALUES, ...interval] })
}

export const loading = {
  name: 'things',
  from: { table: 'raw.things' },
  into: 'staging.things',
  key: ['id'],
  loadedAt: 'loaded_at',
  newest: 'updated_at',
} as const

export const keeping = {
  name: 'things',
  from: { table: 'raw.things' },
  into: 'mart.dim_thing',
  key: ['id'],
  at: 'updated_at',
  loadedAt: 'loaded_at',
} as const

/** Appends rows to `raw.things`, or to another table with its columns. */
export async function deliver(warehouse: Warehouse, rows: readonly Delivered[], table = 'raw.things'): Promise<void> {
  if (rows.length === 0) return
  const instant = (hours: number | null): bigint | null => (hours === null ? null : hour(hours))
  await warehouse.append(
    table,
    columnBatch({
      id: { type: 'text', values: rows.map(({ id }) => id) },
      n: { type: 'integer', values: rows.map(({ n }) => n) },
      note: { type: 'text', values: rows.map(({ note }) => note) },
      updated_at: { type: 'timestamp', values: rows.map(({ at }) => instant(at)) },
      loaded_at: { type: 'timestamp', values: rows.map(({ loadedAt }) => instant(loadedAt)) },
    }),
  )
}

/** `a 1 x@3+5`: key, n, note, the hour since which it holds, and how it arrived: at hour 5. A `-` is null. */
export function delivery(text: string): readonly Delivered[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [, id = '', n = '', note = '', at = '', loadedAt = ''] =
        /^\s*(\S+) (\S+) (\S+) *@(\S+) *\+(\S+)\s*$/.exec(line) ?? []
      if (loadedAt === '') throw new Error(`${line} is no delivery`)
      const number = (digits: string): number | null => (digits === '-' ? null : Number(digits))
      const word = (letters: string): string | null => (letters === '-' ? null : letters)
      return { id: word(id), n: number(n), note: word(note), at: number(at), loadedAt: number(loadedAt) }
    })
}

function hours(date: Date | null): number | null {
  return date === null ? null : Number((BigInt(date.getTime()) * 1000n - ORIGIN) / HOUR)
}

export async function staged(warehouse: Warehouse): Promise<readonly Delivered[]> {
  const query = sql`SELECT id, n, note, updated_at, loaded_at FROM ${tableRef('staging.things')} ORDER BY id`
  return rowsOf<{ id: string; n: number | null; note: string | null; updated_at: Date; loaded_at: Date }>(
    await warehouse.read(query),
  ).map(({ id, n, note, updated_at, loaded_at }) => ({
    id,
    n,
    note,
    at: hours(updated_at),
    loadedAt: hours(loaded_at),
  }))
}

export async function intervalsIn(warehouse: Warehouse, table = 'mart.dim_thing'): Promise<readonly Interval[]> {
  const query = sql`SELECT id, n, note, valid_from, valid_to FROM ${tableRef(table)} ORDER BY id, valid_from, valid_to`
  return rowsOf<{ id: string; n: number | null; note: string | null; valid_from: Date; valid_to: Date | null }>(
    await warehouse.read(query),
  ).map(({ id, n, note, valid_from, valid_to }) => ({ id, n, note, from: hours(valid_from) ?? 0, to: hours(valid_to) }))
}

/** `a 1 x@3..5`: the values of a key from hour 3 until before hour 5; without an end, it holds now. */
export function shown(intervals: readonly Interval[]): readonly string[] {
  return intervals.map(({ id, n, note, from, to }) => `${id} ${n ?? '-'} ${note ?? '-'} @${from}..${to ?? ''}`)
}
