import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/** The value as a whole number of up to 38 digits, for sums of squared microseconds. */
export const toWide: Leaf<(x: Sql) => Sql> = leaf({
  duckdb: (x) => sql`CAST(${x} AS HUGEINT)`,
  snowflake: (x) => sql`CAST(${x} AS NUMBER(38, 0))`,
})

/** Whole-number quotient of two wide values, rounded towards zero; null when the divisor is 0 or null. */
export const wideQuotient: Leaf<(a: Sql, b: Sql) => Sql> = leaf({
  duckdb: (a, b) => sql`(${a} // NULLIF(${b}, 0))`,
  snowflake: (a, b) => sql`CAST((${a} - MOD(${a}, NULLIF(${b}, 0))) / NULLIF(${b}, 0) AS NUMBER(38, 0))`,
})
