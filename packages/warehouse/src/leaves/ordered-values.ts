import type { ColumnType } from '../column.ts'
import { columnType } from './column-type.ts'
import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Aggregate: of the values that are not null the last one by `order`, which is several expressions with nulls first.
 * Where rows tie in all of them, the caller sees to it that either will do. `type` is the value's.
 */
export const newest: Leaf<(value: Sql, order: readonly Sql[], type: ColumnType) => Sql> = leaf({
  duckdb: (value, order) => sql`arg_max(${value}, ${rank(order)})`,
  snowflake: (value, order, type) =>
    firstOf(
      value,
      order.map((one) => sql`${one} DESC NULLS LAST`),
      type,
    ),
})

/** Aggregate: of the values that are not null the first one by `order`. */
export const oldest: Leaf<(value: Sql, order: readonly Sql[], type: ColumnType) => Sql> = leaf({
  duckdb: (value, order) => sql`arg_min(${value}, ${rank(order)})`,
  snowflake: (value, order, type) =>
    firstOf(
      value,
      order.map((one) => sql`${one} ASC NULLS FIRST`),
      type,
    ),
})

/** Window: the last value of the frame that is not null; `over` goes between the parentheses of OVER. */
export const lastPresent: Leaf<(value: Sql, over: Sql) => Sql> = leaf({
  standard: (value, over) => sql`LAST_VALUE(${value}) IGNORE NULLS OVER (${over})`,
  duckdb: (value, over) => sql`LAST_VALUE(${value} IGNORE NULLS) OVER (${over})`,
})

/** Window: the first value of the frame that is not null. */
export const firstPresent: Leaf<(value: Sql, over: Sql) => Sql> = leaf({
  standard: (value, over) => sql`FIRST_VALUE(${value}) IGNORE NULLS OVER (${over})`,
  duckdb: (value, over) => sql`FIRST_VALUE(${value} IGNORE NULLS) OVER (${over})`,
})

/** Window: the number of distinct values in the frame, without nulls. */
export const distinctPresent: Leaf<(value: Sql, over: Sql) => Sql> = leaf({
  standard: (value, over) => sql`COUNT(DISTINCT ${value}) OVER (${over})`,
  // Snowflake refuses DISTINCT in a window that has an order.
  snowflake: (value, over) => sql`ARRAY_SIZE(ARRAY_DISTINCT(ARRAY_AGG(${value}) OVER (${over})))`,
})

// MAX_BY takes a single key, and arrays are not documented as comparable. ARRAY_AGG skips nulls; its elements are VARIANT.
function firstOf(value: Sql, order: readonly Sql[], type: ColumnType): Sql {
  const sorted = sql`ARRAY_AGG(${value}) WITHIN GROUP (ORDER BY ${sql.join(order)})`
  return sql`CAST(GET(${sorted}, 0) AS ${columnType.snowflake(type)})`
}

// When DuckDB compares rows, a null is the largest value.
function rank(order: readonly Sql[]): Sql {
  return sql`row(${sql.join(order.map((one) => sql`${one} IS NOT NULL, ${one}`))})`
}
