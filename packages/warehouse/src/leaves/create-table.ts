import type { ColumnSpec } from '../column.ts'
import { tableRef } from '../table/table-name.ts'
import { columnType } from './column-type.ts'
import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

export interface CreateTableOptions {
  /** The table lives as long as the session or transaction that creates it. */
  readonly temporary?: boolean
  /** Drops a table of the same name first. */
  readonly replace?: boolean
  /** With `replace`: whoever may read the old table may read the new one. DuckDB has no privileges. */
  readonly keepGrants?: boolean
  /** The order in which rows are stored; Snowflake clusters the table by it when `columns` are given. */
  readonly clusterBy?: readonly Sql[]
  /** The query's columns, in their order. */
  readonly columns?: readonly ColumnSpec[]
  /** The order in which rows are written. @default clusterBy */
  readonly orderBy?: readonly Sql[]
}

/** Creates a table from a query. Order and cluster expressions refer to the query's columns. */
export const createTableAs: Leaf<(table: string, query: Sql, options?: CreateTableOptions) => Sql> = leaf({
  standard: (table, query, options = {}) => sql`${create(table, options)} AS ${ordered(query, options)}`,
  snowflake: (table, query, options = {}) => {
    const grants = copyGrants(options.replace === true && options.keepGrants === true)
    return sql`${create(table, options)}${clustered(options)}${grants} AS ${ordered(query, options)}`
  },
})

/** Creates a view, or replaces the one of that name; `keepGrants`: whoever may read the old view may read the new one. */
export const createView: Leaf<(view: string, query: Sql, options?: { readonly keepGrants?: boolean }) => Sql> = leaf({
  standard: (view, query) => sql`CREATE OR REPLACE VIEW ${tableRef(view)} AS ${query}`,
  snowflake: (view, query, { keepGrants = false } = {}) =>
    sql`CREATE OR REPLACE VIEW ${tableRef(view)}${copyGrants(keepGrants)} AS ${query}`,
})

/** What follows the column list of CREATE TABLE to say how rows are stored, or nothing. */
export const clusterBy: Leaf<(expressions: readonly Sql[]) => Sql> = leaf<(expressions: readonly Sql[]) => Sql>({
  standard: () => sql``,
  snowflake: (expressions) => (expressions.length === 0 ? sql`` : sql` CLUSTER BY (${sql.join(expressions)})`),
})

function copyGrants(keep: boolean): Sql {
  return keep ? sql` COPY GRANTS` : sql``
}

// CREATE TABLE AS takes a clustering key only with a list of columns.
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
