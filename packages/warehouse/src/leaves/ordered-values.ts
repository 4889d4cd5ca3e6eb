import type { ColumnType } from '../column.ts'
import { columnType } from './column-type.ts'
import type { Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Aggregate: the value, of the type given, that is last by `order` (several expressions, nulls first) among the values that are not null.
 * Rows that tie in the whole order are the caller's to make interchangeable.
 */
export const newest: Leaf<(value: Sql, order: readonly Sql[], type: ColumnType) => Sql> = {
  duckdb: (value, order) => sql`arg_max(${value}, ${rank(order)})`,
  snowflake: (value, order, type) =>
    firstOf(
      value,
      order.map((one) => sql`${one} DESC NULLS LAST`),
      type,
    ),
}

/** Aggregate: the value, of the type given, that is first by `order` among the values that are not null. */
export const oldest: Leaf<(value: Sql, order: readonly Sql[], type: ColumnType) => Sql> = {
  duckdb: (value, order) => sql`arg_min(${value}, ${rank(order)})`,
  snowflake: (value, order, type) =>
    firstOf(
      value,
      order.map((one) => sql`${one} ASC NULLS FIRST`),
      type,
    ),
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

/** Window: how many different values that are not null the frame holds. */
export const distinctPresent: Leaf<(value: Sql, over: Sql) => Sql> = {
  duckdb: (value, over) => sql`COUNT(DISTINCT ${value}) OVER (${over})`,
  // DISTINCT cannot be in a window with an order there.
  snowflake: (value, over) => sql`ARRAY_SIZE(ARRAY_DISTINCT(ARRAY_AGG(${value}) OVER (${over})))`,
}

// MAX_BY takes a single key, and nothing says that arrays can be compared. ARRAY_AGG leaves nulls out; its elements are VARIANT.
function firstOf(value: Sql, order: readonly Sql[], type: ColumnType): Sql {
  return sql`CAST(GET(ARRAY_AGG(${value}) WITHIN GROUP (ORDER BY ${sql.join(order)}), 0) AS ${columnType.snowflake(type)})`
}

// In a comparison of rows DuckDB takes a null for the largest value.
function rank(order: readonly Sql[]): Sql {
  return sql`row(${sql.join(order.map((one) => sql`${one} IS NOT NULL, ${one}`))})`
}
