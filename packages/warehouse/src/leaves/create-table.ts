import type { ColumnSpec } from '../column.ts'
import { tableRef } from '../table/table-name.ts'
import { columnType } from './column-type.ts'
import type { Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

export interface CreateTableOptions {
  /** Lives as long as the session or transaction that made it. */
  readonly temporary?: boolean
  /** Drops a table of the same name first. */
  readonly replace?: boolean
  /** With `replace`, who may read the old table may read the new one; DuckDB has no rights. */
  readonly keepGrants?: boolean
  /** How rows lie: in this order, and on Snowflake clustered by it when `columns` are given. */
  readonly clusterBy?: readonly Sql[]
  /** The query's columns in their order. */
  readonly columns?: readonly ColumnSpec[]
  /** The order rows are written in. @default clusterBy */
  readonly orderBy?: readonly Sql[]
}

/** Creates a table from a query. Order and cluster expressions refer to the query's columns. */
export const createTableAs: Leaf<(table: string, query: Sql, options?: CreateTableOptions) => Sql> = {
  duckdb: (table, query, options = {}) => sql`${create(table, options)} AS ${ordered(query, options)}`,
  snowflake: (table, query, options = {}) =>
    sql`${create(table, options)}${clustered(options)}${options.replace === true && options.keepGrants === true ? sql` COPY GRANTS` : sql``} AS ${ordered(query, options)}`,
}

/** Defines a view by a query, in the place of the one of that name; `keepGrants` as for tables, where one is there. */
export const createView: Leaf<(view: string, query: Sql, options?: { readonly keepGrants?: boolean }) => Sql> = {
  duckdb: (view, query) => sql`CREATE OR REPLACE VIEW ${tableRef(view)} AS ${query}`,
  snowflake: (view, query, { keepGrants = false } = {}) =>
    sql`CREATE OR REPLACE VIEW ${tableRef(view)}${keepGrants ? sql` COPY GRANTS` : sql``} AS ${query}`,
}

/** What follows the column list of CREATE TABLE to say how rows lie, or nothing. */
export const clusterBy: Leaf<(expressions: readonly Sql[]) => Sql> = {
  duckdb: () => sql``,
  snowflake: (expressions) => (expressions.length === 0 ? sql`` : sql` CLUSTER BY (${sql.join(expressions)})`),
}

// A clustering key of CREATE TABLE AS demands that its columns are defined.
function clustered({ clusterBy: by = [], columns = [] }: CreateTableOptions): Sql {
  if (by.length === 0 || columns.length === 0) return sql``
  const definitions = columns.map(
    ({ name, type, nullable = true }) =>
      sql`${sql.id(name)} ${columnType.snowflake(type)}${nullable ? sql`` : sql` NOT NULL`}`,
  )
  return sql` (${sql.join(definitions)})${clusterBy.snowflake(by)}`
}

function create(table: string, { temporary = false, replace = false }: CreateTableOptions): Sql {
  return sql`CREATE ${sql.raw(`${replace ? 'OR REPLACE ' : ''}${temporary ? 'TEMPORARY ' : ''}`)}TABLE ${tableRef(table)}`
}

function ordered(query: Sql, { clusterBy = [], orderBy = clusterBy }: CreateTableOptions): Sql {
  return orderBy.length === 0 ? query : sql`SELECT * FROM (${query}) AS rows_to_write ORDER BY ${sql.join(orderBy)}`
}
