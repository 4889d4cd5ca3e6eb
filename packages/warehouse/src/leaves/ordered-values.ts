import { sql } from 'kysely'
import type { Sql } from '../warehouse.ts'
import type { Leaf } from './leaf.ts'

/**
 * Aggregate: the value that is last by `order` (several expressions, nulls first) among the values that are not null.
 * Rows that tie in the whole order are the caller's to make interchangeable.
 */
export const newest: Leaf<(value: Sql, order: readonly Sql[]) => Sql> = {
  duckdb: (value, order) => sql`arg_max(${value}, ${rank(order)})`,
  snowflake: (value, order) => sql`GET(MAX(CASE WHEN ${value} IS NOT NULL THEN ARRAY_CONSTRUCT(${sql.join([...order, value])}) END), ${sql.raw(String(order.length))})`,
}

/** Aggregate: the value that is first by `order` among the values that are not null. */
export const oldest: Leaf<(value: Sql, order: readonly Sql[]) => Sql> = {
  duckdb: (value, order) => sql`arg_min(${value}, ${rank(order)})`,
  snowflake: (value, order) => sql`GET(MIN(CASE WHEN ${value} IS NOT NULL THEN ARRAY_CONSTRUCT(${sql.join([...order, value])}) END), ${sql.raw(String(order.length))})`,
}

/** Window: the last value of the frame that is not null. `over` is what stands between the parentheses of OVER. */
export const lastPresent: Leaf<(value: Sql, over: Sql) => Sql> = {
  duckdb: (value, over) => sql`LAST_VALUE(${value} IGNORE NULLS) OVER (${over})`,
  snowflake: (value, over) => sql`LAST_VALUE(${value}) IGNORE NULLS OVER (${over})`,
}

/** Window: the first value of the frame that is not null. */
export const firstPresent: Leaf<(value: Sql, over: Sql) => Sql> = {
  duckdb: (value, over) => sql`FIRST_VALUE(${value} IGNORE NULLS) OVER (${over})`,
  snowflake: (value, over) => sql`FIRST_VALUE(${value}) IGNORE NULLS OVER (${over})`,
}

function rank(order: readonly Sql[]): Sql {
  return sql`row(${sql.join(order)})`
}
