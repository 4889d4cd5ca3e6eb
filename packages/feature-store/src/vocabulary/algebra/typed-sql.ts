import type { ColumnType, Sql } from '@martlet/warehouse'

/** A column or a value as SQL, and its type. */
export interface TypedSql {
  readonly sql: Sql
  readonly type: ColumnType
}
