import {
  ensureTable,
  MartletError,
  sameType,
  typeText,
  sql,
  type ColumnSpec,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import type { SourceColumn } from '../../../plan/source-plan.ts'

/** The table that has the newest version of every row. */
export interface CurrentTable {
  readonly table: string
  readonly columns: readonly SourceColumn[]
  /** The column that gets the time of the commit; null: none does. */
  readonly committed: string | null
  /** The column that says that a row is deleted, or when it was; null: rows that are deleted are removed. */
  readonly deleted: { readonly name: string; readonly type: 'boolean' | 'timestamp' } | null
}

/** The table that has every version of every row, with the interval in which it held. */
export interface HistoryTable {
  readonly table: string
  readonly columns: readonly SourceColumn[]
  readonly validFrom: string
  readonly validTo: string
}

/** The log of a source's changes, and the tables that are made of it. */
export interface ChangeTables {
  /** `raw.<source>_changes` */
  readonly log: string
  readonly key: readonly string[]
  /** The columns of a row, those of the key included. */
  readonly columns: readonly SourceColumn[]
  readonly current: CurrentTable
  readonly history: HistoryTable | null
}

export const POSITION = '_position'
export const ORDER = '_order'
export const OP = '_op'
export const AT = '_at'
/** The columns that a change does not have because they did not change: `,bio,notes,`. */
export const UNCHANGED = '_unchanged'

export function logColumns({ key, columns }: Pick<ChangeTables, 'key' | 'columns'>): readonly ColumnSpec[] {
  const keys = key.flatMap((name) => columns.filter((column) => column.name === name))
  const rest = columns.filter(({ name }) => !key.includes(name))
  return [
    { name: POSITION, type: 'bigint', nullable: false },
    { name: ORDER, type: 'text', nullable: false },
    { name: OP, type: 'text', nullable: false },
    { name: AT, type: 'timestamp', nullable: false },
    { name: UNCHANGED, type: 'text' },
    ...[...keys, ...rest].map(({ name, type }) => ({ name, type })),
  ]
}

/**
 * Creates the tables that are not there yet.
 * @throws MartletError TABLE_MISMATCH when one is there and lacks columns, or has them of other types
 */
export async function ensureChangeTables(warehouse: Warehouse, tables: ChangeTables): Promise<void> {
  const { log, current, history } = tables
  await ensureTable(warehouse, { table: log, columns: logColumns(tables) })
  await ensureColumns(warehouse, current.table, current.columns)
  if (history !== null) await ensureColumns(warehouse, history.table, history.columns)
}

/** A table that somebody deployed may have more columns, as long as they may be empty. */
async function ensureColumns(warehouse: Warehouse, table: string, columns: readonly SourceColumn[]): Promise<void> {
  const existing = await warehouse.introspect(table)
  if (existing === undefined) {
    await ensureTable(warehouse, {
      table,
      columns: columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    })
    return
  }
  const found = new Map(existing.map((column) => [column.name.toLowerCase(), column]))
  const wanted = new Set(columns.map(({ name }) => name.toLowerCase()))
  const differences = [
    ...columns.flatMap(({ name, type }) => {
      const has = found.get(name.toLowerCase())
      if (has === undefined) return [`${name} is missing`]
      return sameType(type, has.type) ? [] : [`${name} is ${typeText(has.type)} instead of ${typeText(type)}`]
    }),
    ...existing
      .filter(({ name, nullable }) => nullable === false && !wanted.has(name.toLowerCase()))
      .map(({ name }) => `${name} is NOT NULL and is not in the definition`),
  ]
  if (differences.length === 0) return
  throw new MartletError(
    'TABLE_MISMATCH',
    `Table ${table} is not as defined: ${differences.join('; ')}. Change the definition or the table.`,
    { data: { table, differences } },
  )
}

export function names(columns: readonly string[], relation?: string): Sql {
  return sql.join(columns.map((name) => (relation === undefined ? sql.id(name) : sql.id(relation, name))))
}

export function sameKey(key: readonly string[], a: string, b: string): Sql {
  return sql.join(
    key.map((name) => sql`${sql.id(a, name)} = ${sql.id(b, name)}`),
    sql` AND `,
  )
}

export function valueNames({ key, columns }: ChangeTables): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => !key.includes(name))
}
