import { sql } from 'kysely'
import { tableRef } from '../table/table-name.ts'
import type { Sql } from '../warehouse.ts'
import type { Leaf } from './leaf.ts'

export interface CreateTableOptions {
  /** Lives as long as the session or transaction that made it. */
  readonly temporary?: boolean
  /** Drops a table of the same name first. */
  readonly replace?: boolean
  /** How rows lie: Snowflake's clustering key; DuckDB writes them in this order. */
  readonly clusterBy?: readonly Sql[]
  /** The order rows are written in. @default clusterBy */
  readonly orderBy?: readonly Sql[]
}

/** Creates a table from a query. Order and cluster expressions refer to the query's columns. */
export const createTableAs: Leaf<(table: string, query: Sql, options?: CreateTableOptions) => Sql> = {
  duckdb: (table, query, options = {}) => sql`${create(table, options)} AS ${ordered(query, options)}`,
  snowflake: (table, query, options = {}) => sql`${create(table, options)}${clusterBy.snowflake(options.clusterBy ?? [])} AS ${ordered(query, options)}`,
}

/** What follows the column list of CREATE TABLE to say how rows lie, or nothing. */
export const clusterBy: Leaf<(expressions: readonly Sql[]) => Sql> = {
  duckdb: () => sql``,
  snowflake: (expressions) => (expressions.length === 0 ? sql`` : sql` CLUSTER BY (${sql.join(expressions)})`),
}

function create(table: string, { temporary = false, replace = false }: CreateTableOptions): Sql {
  return sql`CREATE ${sql.raw(`${replace ? 'OR REPLACE ' : ''}${temporary ? 'TEMPORARY ' : ''}`)}TABLE ${tableRef(table)}`
}

function ordered(query: Sql, { clusterBy = [], orderBy = clusterBy }: CreateTableOptions): Sql {
  return orderBy.length === 0 ? query : sql`SELECT * FROM (${query}) AS rows_to_write ORDER BY ${sql.join(orderBy)}`
}
