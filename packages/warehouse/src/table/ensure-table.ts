import type { ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { compareColumns } from './compare-columns.ts'
import { splitTableName, tableRef } from './table-name.ts'
import { sql, type Sql } from '../sql.ts'

/** A table as it should be. */
export interface TableSpec {
  /** `table` or `schema.table`. */
  readonly table: string
  readonly columns: readonly ColumnSpec[]
  /** Columns that Snowflake clusters by; DuckDB keeps rows in the order in which they are written. */
  readonly clusterBy?: readonly string[]
  /** Whether the table lives only as long as its session. @default false */
  readonly temporary?: boolean
}

/** Creates the schema unless it exists. */
export async function ensureSchema(warehouse: Warehouse, schema: string): Promise<void> {
  await warehouse.run(sql`CREATE SCHEMA IF NOT EXISTS ${tableRef(schema)}`)
}

/**
 * Creates the table, and its schema, unless it exists; returns whether it did.
 * @throws MartletError TABLE_MISMATCH when it exists with other columns (see `evolveTable`)
 * @throws MartletError BAD_IDENTIFIER, BAD_TABLE_SPEC when its name or its definition is not valid
 */
export async function ensureTable(warehouse: Warehouse, spec: TableSpec): Promise<{ readonly created: boolean }> {
  checkSpec(spec)
  const existing = await warehouse.introspect(spec.table)
  if (existing !== undefined) {
    const { added, vanished, changed } = compareColumns(spec.columns, existing, warehouse.engine)
    const differences = [
      ...added.map(({ name }) => `${name} is missing`),
      ...vanished.map((name) => `${name} is not in the definition`),
      ...changed.map(({ difference }) => difference),
    ]
    if (differences.length > 0) throw tableMismatch(spec.table, differences)
    return { created: false }
  }
  const schema = splitTableName(spec.table).slice(0, -1)
  if (schema.length > 0) await ensureSchema(warehouse, schema.join('.'))
  const columns = spec.columns.map((column) => columnDefinition(warehouse, column))
  const cluster = warehouse.leaves.clusterBy((spec.clusterBy ?? []).map((name) => sql.id(name)))
  const kind = spec.temporary === true ? sql`TEMPORARY TABLE` : sql`TABLE`
  await warehouse.run(sql`CREATE ${kind} IF NOT EXISTS ${tableRef(spec.table)} (${sql.join(columns)})${cluster}`)
  return { created: true }
}

/** Drops the table if it exists. */
export async function dropTable(warehouse: Warehouse, table: string): Promise<void> {
  await warehouse.run(sql`DROP TABLE IF EXISTS ${tableRef(table)}`)
}

export function columnDefinition(warehouse: Warehouse, { name, type, nullable = true }: ColumnSpec): Sql {
  return sql`${sql.id(name)} ${warehouse.leaves.columnType(type)}${nullable ? sql`` : sql` NOT NULL`}`
}

export function tableMismatch(table: string, differences: readonly string[]): MartletError {
  return new MartletError(
    'TABLE_MISMATCH',
    `Table ${table} is not as defined: ${differences.join('; ')}. ` +
      "Change the definition or the table, or evolve it with allowDrop (which loses those columns' data).",
    { data: { table, differences } },
  )
}

export function checkSpec({ table, columns, clusterBy = [] }: TableSpec): void {
  const refuse = (why: string): never => {
    throw new MartletError('BAD_TABLE_SPEC', `The definition of table ${table} cannot be used: ${why}.`, {
      data: { table },
    })
  }
  if (columns.length === 0) refuse('it has no columns')
  const names = new Set<string>()
  for (const { name } of columns) {
    if (name === '' || name.includes('\0')) refuse(`${JSON.stringify(name)} is not a column name`)
    // Engines fold the case of identifiers differently, so names that differ only by case are one name.
    if (names.has(name.toLowerCase())) refuse(`column ${JSON.stringify(name)} occurs twice`)
    names.add(name.toLowerCase())
  }
  const unknown = clusterBy.find((name) => !names.has(name.toLowerCase()))
  if (unknown !== undefined) refuse(`it is clustered by ${JSON.stringify(unknown)}, which is not one of its columns`)
}
