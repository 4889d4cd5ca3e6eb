import type { Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/** A constant text printed into the statement, where nothing can be bound (a view's query). Each engine's compiler escapes what its literals read. */
export const textLiteral: Leaf<(value: string) => Sql> = {
  duckdb: (value) => sql`${sql.lit(value)}`,
  snowflake: (value) => sql`${sql.lit(value)}`,
}
