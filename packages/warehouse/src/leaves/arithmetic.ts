import { MartletError } from '../errors.ts'
import { leaf, type Leaf } from './leaf.ts'
import { integerLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * Division of whole numbers, rounded down below zero too (-7 by 2 is -4), exact at any size; the divisor is positive.
 * @throws MartletError LEAF_ARGUMENT when the divisor is not a positive whole number
 */
export const floorDivide: Leaf<(a: Sql, divisor: number) => Sql> = leaf({
  duckdb: (a, divisor) => {
    const n = positive(divisor)
    const whole = sql`CAST(${a} AS BIGINT)`
    return sql`(${whole} // ${n} - CASE WHEN ${whole} % ${n} < 0 THEN 1 ELSE 0 END)`
  },
  // Snowflake's division rounds to six decimals. Without the remainder it is exact.
  snowflake: (a, divisor) => {
    const n = positive(divisor)
    return sql`CAST((${a} - MOD(MOD(${a}, ${n}) + ${n}, ${n})) / ${n} AS NUMBER(19, 0))`
  },
})

/** The value as a double. */
export const toDouble: Leaf<(x: Sql) => Sql> = leaf({
  standard: (x) => sql`CAST(${x} AS DOUBLE)`,
})

/** The value as a double; null when it is null, NaN or infinite. */
export const finite: Leaf<(x: Sql) => Sql> = leaf({
  duckdb: (x) => sql`CASE WHEN isfinite(CAST(${x} AS DOUBLE)) THEN CAST(${x} AS DOUBLE) END`,
  snowflake: (x) => sql`
    CASE
      WHEN CAST(${x} AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE))
      THEN CAST(${x} AS DOUBLE) END
  `,
})

/** Division of doubles; null when either side is null or the divisor is 0. */
export const divide: Leaf<(a: Sql, b: Sql) => Sql> = leaf({
  standard: (a, b) => sql`(CAST(${a} AS DOUBLE) / NULLIF(CAST(${b} AS DOUBLE), 0))`,
})

/** The smallest of the values that are not null; null when all are. */
export const least: Leaf<(...values: readonly Sql[]) => Sql> = leaf({
  duckdb: (...values) => sql`least(${sql.join(values)})`,
  snowflake: (...values) => sql`LEAST_IGNORE_NULLS(${sql.join(values)})`,
})

/** The greatest of the values that are not null; null when all are. */
export const greatest: Leaf<(...values: readonly Sql[]) => Sql> = leaf({
  duckdb: (...values) => sql`greatest(${sql.join(values)})`,
  snowflake: (...values) => sql`GREATEST_IGNORE_NULLS(${sql.join(values)})`,
})

/** The smallest of the values; null when one of them is null. */
export const leastOrNull: Leaf<(...values: readonly Sql[]) => Sql> = leaf({
  duckdb: (...values) => whenPresent(values, least.duckdb(...values)),
  snowflake: (...values) => whenPresent(values, least.snowflake(...values)),
})

/** The greatest of the values; null when one of them is null. */
export const greatestOrNull: Leaf<(...values: readonly Sql[]) => Sql> = leaf({
  duckdb: (...values) => whenPresent(values, greatest.duckdb(...values)),
  snowflake: (...values) => whenPresent(values, greatest.snowflake(...values)),
})

function whenPresent(values: readonly Sql[], value: Sql): Sql {
  const present = values.map((one) => sql`${one} IS NOT NULL`)
  return sql`CASE WHEN ${sql.join(present, sql` AND `)} THEN ${value} END`
}

function positive(divisor: number): Sql {
  if (!(divisor > 0))
    throw new MartletError('LEAF_ARGUMENT', `The divisor must be a positive whole number, not ${divisor}.`)
  return integerLiteral(divisor)
}
