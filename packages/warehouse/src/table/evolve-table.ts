import type { ColumnSpec } from '../column.ts'
import type { Warehouse } from '../warehouse.ts'
import { compareColumns } from './compare-columns.ts'
import type { ColumnDifferences } from './compare-columns.ts'
import { checkSpec, columnDefinition, dropTable, ensureTable, tableMismatch } from './ensure-table.ts'
import type { TableSpec } from './ensure-table.ts'
import { tableRef } from './table-name.ts'
import { unitOfWork } from './unit-of-work.ts'
import { sql, type Sql } from '../sql.ts'

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
 * A column that is not null is never added to existing rows. Where DDL commits, an evolution that was interrupted is
 * completed by the next call.
 * @throws MartletError TABLE_MISMATCH when a change would lose data, such as a removed column, unless `allowDrop`;
 * lists all such changes
 */
export async function evolveTable(
  warehouse: Warehouse,
  spec: TableSpec,
  options: { readonly allowDrop?: boolean } = {},
): Promise<TableEvolution> {
  checkSpec(spec)
  const existing = await warehouse.introspect(spec.table)
  if (existing === undefined) {
    const { created } = await ensureTable(warehouse, spec)
    return { created, added: [], dropped: [], changed: [] }
  }
  const { added, vanished, changed } = compareColumns(spec.columns, existing, warehouse.engine)
  const demanding = added.filter(({ nullable }) => nullable === false)
  const destructive = [
    ...vanished.map((name) => `${name} is not in the definition`),
    ...changed.map(({ difference }) => difference),
    ...demanding.map(({ name }) => `${name} is new and not null, but existing rows have no value for it`),
  ]
  if (destructive.length > 0 && options.allowDrop !== true) throw tableMismatch(spec.table, destructive)

  const strict = [...added, ...changed.map(({ wanted }) => wanted)].some(({ nullable }) => nullable === false)
  await unitOfWork(warehouse, async (unit) => {
    if (!strict) return alterTable(unit, spec.table, { added, vanished, changed })
    if (await hasRows(unit, spec.table))
      throw tableMismatch(spec.table, [
        ...destructive,
        'rows exist, so a column that is not null cannot be added: drop the table to start again',
      ])
    await dropTable(unit, spec.table)
    await ensureTable(unit, spec)
  })
  return {
    created: false,
    added: added.map(({ name }) => name),
    dropped: vanished,
    changed: changed.map(({ wanted }) => wanted.name),
  }
}

async function alterTable(
  warehouse: Warehouse,
  table: string,
  { added, vanished, changed }: ColumnDifferences,
): Promise<void> {
  const alter = (change: Sql): Sql => sql`ALTER TABLE ${tableRef(table)} ${change}`
  const add = (column: ColumnSpec): Sql => alter(sql`ADD COLUMN ${columnDefinition(warehouse, column)}`)
  const drop = (name: string): Sql => alter(sql`DROP COLUMN ${sql.id(name)}`)
  // Where DDL commits, an interrupted evolution has left columns with these names.
  const parked = new Map(changed.map(({ wanted: { name } }) => [name, `${name}__before`]))
  const inTheWay = vanished.filter((name) =>
    [...parked.values()].some((other) => other.toLowerCase() === name.toLowerCase()),
  )
  // A table must keep at least one column, so columns are added before others are dropped, and changed ones are renamed first.
  const statements = [
    ...inTheWay.map(drop),
    ...[...parked].map(([name, other]) => alter(sql`RENAME COLUMN ${sql.id(name)} TO ${sql.id(other)}`)),
    ...[...added, ...changed.map(({ wanted }) => wanted)].map(add),
    ...[...vanished.filter((name) => !inTheWay.includes(name)), ...parked.values()].map(drop),
  ]
  for (const statement of statements) await warehouse.run(statement)
}

async function hasRows(warehouse: Warehouse, table: string): Promise<boolean> {
  const { rows } = await warehouse.read(sql`SELECT 1 FROM ${tableRef(table)} LIMIT 1`)
  return rows > 0
}
