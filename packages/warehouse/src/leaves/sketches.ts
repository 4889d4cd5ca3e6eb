import { leaf, type Leaf } from './leaf.ts'
import { probability } from './quantiles.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Aggregate: a quantile of a t-digest, for a probability in 0..1; nulls do not count, x is `finite(...)`.
 * @throws MartletError LEAF_ARGUMENT when the probability is outside 0..1
 */
export const approximateQuantile: Leaf<(x: Sql, p: number) => Sql> = leaf({
  duckdb: (x, p) => sql`approx_quantile(CAST(${x} AS DOUBLE), CAST(${probability(p)} AS FLOAT))`,
  snowflake: (x, p) => sql`APPROX_PERCENTILE(CAST(${x} AS DOUBLE), ${probability(p)})`,
})

/** Aggregate: about how many different values there are, without nulls. */
export const approximateDistinct: Leaf<(x: Sql) => Sql> = leaf({
  // DuckDB's own sketch has 64 registers, and so a standard error of 13 %.
  duckdb: (x) => sql`COUNT(DISTINCT ${x})`,
  snowflake: (x) => sql`APPROX_COUNT_DISTINCT(${x})`,
})
