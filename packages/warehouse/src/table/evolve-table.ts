import { sql } from 'kysely'
import type { ColumnSpec } from '../column.ts'
import type { Sql, Warehouse } from '../warehouse.ts'
import { compareColumns } from './compare-columns.ts'
import type { ColumnDifferences } from './compare-columns.ts'
import { checkSpec, columnDefinition, dropTable, ensureTable, tableMismatch } from './ensure-table.ts'
import type { TableSpec } from './ensure-table.ts'
import { tableRef } from './table-name.ts'

export interface TableEvolution {
  readonly created: boolean
  readonly added: readonly string[]
  readonly dropped: readonly string[]
  /** Replaced by an empty column of another type or nullability. */
  readonly changed: readonly string[]
}

/**
 * Brings a table to its definition: creates it, or adds the nullable columns that are new.
 *
 * What would lose data (a column that vanished or changed its type or nullability, a new one that is not null) is refused
 * with `TABLE_MISMATCH` and the whole list, unless `allowDrop`; a column that is not null is never added to rows that exist.
 */
export async function evolveTable(warehouse: Warehouse, spec: TableSpec, options: { readonly allowDrop?: boolean } = {}): Promise<TableEvolution> {
  checkSpec(spec)
  const existing = await warehouse.introspect(spec.table)
  if (existing === undefined) {
    const { created } = await ensureTable(warehouse, spec)
    return { created, added: [], dropped: [], changed: [] }
  }
  const { added, vanished, changed } = compareColumns(spec.columns, existing)
  const demanding = added.filter(({ nullable }) => nullable === false)
  const destructive = [
    ...vanished.map((name) => `${name} is not in the definition`),
    ...changed.map(({ difference }) => difference),
    ...demanding.map(({ name }) => `${name} is new and not null, but the rows that exist have no value for it`),
  ]
  if (destructive.length > 0 && options.allowDrop !== true) throw tableMismatch(spec.table, destructive)

  if ([...added, ...changed.map(({ wanted }) => wanted)].some(({ nullable }) => nullable === false)) {
    if (await hasRows(warehouse, spec.table)) throw tableMismatch(spec.table, [...destructive, 'rows exist, so a column that is not null cannot be added: drop the table to start anew'])
    await dropTable(warehouse, spec.table)
    await ensureTable(warehouse, spec)
  } else {
    await alterTable(warehouse, spec.table, { added, vanished, changed })
  }
  return { created: false, added: added.map(({ name }) => name), dropped: vanished, changed: changed.map(({ wanted }) => wanted.name) }
}

async function alterTable(warehouse: Warehouse, table: string, { added, vanished, changed }: ColumnDifferences): Promise<void> {
  const alter = (change: Sql): Sql => sql`ALTER TABLE ${tableRef(table)} ${change}`
  const add = (column: ColumnSpec): Sql => alter(sql`ADD COLUMN ${columnDefinition(warehouse, column)}`)
  // A table keeps at least one column, so new ones come first, and those that change make way under another name.
  const statements = [
    ...changed.map(({ wanted }) => alter(sql`RENAME COLUMN ${sql.id(wanted.name)} TO ${parked(wanted.name)}`)),
    ...[...added, ...changed.map(({ wanted }) => wanted)].map(add),
    ...vanished.map((name) => alter(sql`DROP COLUMN ${sql.id(name)}`)),
    ...changed.map(({ wanted }) => alter(sql`DROP COLUMN ${parked(wanted.name)}`)),
  ]
  await withDdl(warehouse, async (inner) => {
    for (const statement of statements) await inner.run(statement)
  })
}

function parked(name: string): Sql {
  return sql.id(`${name}__before`)
}

async function hasRows(warehouse: Warehouse, table: string): Promise<boolean> {
  const { rows } = await warehouse.read(sql`SELECT 1 FROM ${tableRef(table)} LIMIT 1`)
  return rows > 0
}

// Where DDL cannot be rolled back, a transaction around it would only seem to be one.
function withDdl<T>(warehouse: Warehouse, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  return warehouse.db.getExecutor().adapter.supportsTransactionalDdl ? warehouse.transaction(work) : warehouse.session(work)
}
