import { columnBatch, type ColumnType, type Warehouse } from '@martlet/warehouse'
import type { Change } from '../../src/bank/database.ts'
import { KEYS, type TableName, type Tables } from '../../src/bank/rows.ts'
import { COLUMNS } from '../../src/change/columns.ts'

/** A row and the microseconds in which it held. */
export interface Version<T extends TableName> {
  readonly row: Tables[T]
  readonly from: number
  readonly to: number | null
}

/** Versions of the rows of a table, straight from the ordered log; when a row was last touched makes no version. */
export function versionsOf<T extends TableName>(log: readonly Change[], table: T): readonly Version<T>[] {
  const open = new Map<unknown, Version<T>>()
  const done: Version<T>[] = []
  for (const change of log) {
    if (change.table !== table) continue
    const id = cellsOf((change.after ?? change.before) as Tables[T])[KEYS[table]]
    const before = open.get(id)
    if (before !== undefined && change.after !== null && sameBut(before.row, change.after)) continue
    if (before !== undefined) {
      open.delete(id)
      done.push({ ...before, to: change.at })
    }
    if (change.after !== null) open.set(id, { row: change.after as Tables[T], from: change.at, to: null })
  }
  return [...done, ...open.values()]
}

function sameBut(before: Tables[TableName], after: Tables[TableName]): boolean {
  const other = cellsOf(after)
  return Object.entries(cellsOf(before)).every(([name, value]) => name === 'updated_at' || value === other[name])
}

/** Fills the tables of the mart with what the ordered log says, without any of the ways by which events come in. */
export async function fillPlainMart(warehouse: Warehouse, log: readonly Change[]): Promise<void> {
  for (const [table, into] of [
    ['customers', 'mart.dim_customer'],
    ['accounts', 'mart.dim_account'],
  ] as const) {
    const { updated_at: _, ...columns } = COLUMNS[table]
    await append(
      warehouse,
      into,
      { ...columns, valid_from: 'instant', valid_to: 'instant' },
      versionsOf(log, table).map(({ row, from, to }) => ({ ...cellsOf(row), valid_from: from, valid_to: to })),
    )
  }
  for (const [table, into] of [
    ['transactions', 'mart.fact_transactions'],
    ['fraud_reports', 'mart.fact_fraud_report'],
  ] as const) {
    const rows = log.flatMap((change) =>
      change.table === table && change.after !== null ? [cellsOf(change.after)] : [],
    )
    await append(warehouse, into, COLUMNS[table], rows)
  }
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  int64: 'bigint',
  date: 'date',
  instant: 'timestamp',
}

type Cells = Readonly<Record<string, string | number | null>>

async function append(
  warehouse: Warehouse,
  table: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly Cells[],
): Promise<void> {
  if (rows.length === 0) return
  const named = Object.entries(columns).map(([name, kind]) => {
    const type = TYPES[kind] ?? { decimal: [name === 'balance_after' ? 14 : 12, 2] as const }
    const values = rows.map((row) => {
      const value = row[name] ?? null
      return typeof value === 'number' && kind !== 'date' ? BigInt(value) : value
    })
    return [name, { type, values }] as const
  })
  await warehouse.append(table, columnBatch(Object.fromEntries(named) as Parameters<typeof columnBatch>[0]))
}

function cellsOf(row: Tables[TableName]): Cells {
  return row as unknown as Cells
}
