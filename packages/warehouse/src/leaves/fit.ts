import type { ColumnType } from '../column.ts'
import { greatest, least } from './arithmetic.ts'
import { columnType } from './column-type.ts'
import { leaf, type Leaf } from './leaf.ts'
import { integerLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * A whole number that was calculated, as the type; null where the type cannot hold it, which a plain cast makes an
 * error of the whole statement.
 */
export const fit: Leaf<(x: Sql, type: 'integer' | 'bigint') => Sql> = leaf({
  // Not TRY_CAST: DuckDB takes `TRY_CAST(x AS BIGINT) > 0` for `x > 0`, which is true where the cast is null.
  duckdb: (x, type) =>
    sql`CAST(${within(x, type, { least: least.duckdb, greatest: greatest.duckdb })} AS ${columnType.duckdb(type)})`,
  snowflake: (x, type) =>
    sql`CAST(${within(x, type, { least: least.snowflake, greatest: greatest.snowflake })} AS ${columnType.snowflake(type)})`,
})

/** As `fit`, for a value that is short: it stands here three times, and takes a quarter of the time. */
export const fitColumn: Leaf<(column: Sql, type: 'integer' | 'bigint') => Sql> = leaf({
  duckdb: (column, type) => inRange(column, type, columnType.duckdb(type)),
  snowflake: (column, type) => inRange(column, type, columnType.snowflake(type)),
})

/** A column as a type that its table may have wider; null where a number does not fit. */
export const tryCast: Leaf<(column: Sql, type: ColumnType) => Sql> = leaf({
  // Costs nothing where the column has the type already.
  duckdb: (column, type) => sql`TRY_CAST(${column} AS ${columnType.duckdb(type)})`,
  // There, TRY_CAST takes text only.
  snowflake: (column, type) => {
    if (type === 'integer' || type === 'bigint') return fitColumn.snowflake(column, type)
    const cast = sql`CAST(${column} AS ${columnType.snowflake(type)})`
    if (typeof type !== 'object' || type.decimal[0] === 38) return cast
    const [precision, scale] = type.decimal
    return sql`CASE WHEN ABS(CAST(${column} AS DOUBLE)) < ${sql.raw(`1e${precision - scale}`)} THEN ${cast} END`
  },
})

const BOUNDS = {
  integer: { low: -(2n ** 31n), high: 2n ** 31n - 1n },
  bigint: { low: -(2n ** 63n), high: 2n ** 63n - 1n },
} as const

// The value stands here once, because it may be a long expression; a null becomes `below` on the way, and null again.
function within(
  x: Sql,
  type: 'integer' | 'bigint',
  engine: { readonly least: (...values: Sql[]) => Sql; readonly greatest: (...values: Sql[]) => Sql },
): Sql {
  const { low, high } = BOUNDS[type]
  const [below, above] = [integerLiteral(low - 1n), integerLiteral(high + 1n)]
  return sql`NULLIF(NULLIF(${engine.least(engine.greatest(x, below), above)}, ${below}), ${above})`
}

function inRange(column: Sql, type: 'integer' | 'bigint', name: Sql): Sql {
  const { low, high } = BOUNDS[type]
  return sql`
    CASE
      WHEN ${column} >= ${integerLiteral(low)} AND ${column} <= ${integerLiteral(high)}
      THEN CAST(${column} AS ${name}) END
  `
}
