import type { ColumnType } from '../column.ts'
import { columnType } from '../leaves/column-type.ts'
import { epochMicros, fromEpochMicros } from '../leaves/timestamp.ts'
import { sql, type Sql } from '../sql.ts'

/** A column of the table that a staged file is loaded into. */
export interface StagedColumn {
  readonly name: string
  readonly type: ColumnType
}

/*
 * Snowflake reads the columns of a Parquet file as VARIANT, which has other rules for doubles, days and times than columns. So
 * a file holds only whole numbers, booleans and texts, and each is cast like a bound value.
 */

/** What DuckDB writes to the file. */
export function toStaged(column: Sql, type: ColumnType): Sql {
  if (type === 'boolean' || type === 'integer' || type === 'bigint' || type === 'text') return column
  return type === 'timestamp' ? epochMicros.duckdb(column) : sql`CAST(${column} AS VARCHAR)`
}

/** What Snowflake makes of it. */
export function fromStaged(index: number, type: ColumnType): Sql {
  const cell = sql.raw(`$1:${stagedName(index)}`)
  switch (type) {
    case 'boolean':
    case 'integer':
    case 'bigint':
    case 'text':
      return sql`CAST(${cell} AS ${columnType.snowflake(type)})`
    case 'timestamp':
      return fromEpochMicros.snowflake(cell)
    case 'double':
    case 'date':
      break
  }
  return sql`CAST(CAST(${cell} AS VARCHAR) AS ${columnType.snowflake(type)})`
}

/** The column's name in the file: a table's names may have characters that the path of an element cannot have. */
export function stagedName(index: number): string {
  return `c${index}`
}
