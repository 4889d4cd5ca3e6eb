import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * A whole number in the type by which the engine groups soonest, if it is never below `least` nor above `most`. DuckDB groups
 * by one byte without hashing.
 */
export const groupKey: Leaf<(x: Sql, least: number, most: number) => Sql> = leaf({
  duckdb: (x, least, most) => {
    if (least >= -128 && most <= 127) return sql`CAST(${x} AS TINYINT)`
    return least >= 0 && most <= 255 ? sql`CAST(${x} AS UTINYINT)` : x
  },
  snowflake: (x) => x,
})
