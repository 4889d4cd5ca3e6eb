import { MartletError } from '../errors.ts'
import { leaf, type Leaf } from './leaf.ts'
import { integerLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * One text for several key columns, different for different keys: each value follows its length, a null is `~`.
 * Keys are text, whole numbers, booleans or dates; engines print other types differently.
 * @throws MartletError LEAF_ARGUMENT when there is no column
 */
export const textKey: Leaf<(...columns: readonly Sql[]) => Sql> = leaf({
  standard: (...columns) => concatenated(columns),
})

/**
 * 60 bits of MD5 over the key columns as a bigint, the same on every engine and machine.
 * @throws MartletError LEAF_ARGUMENT when there is no column
 */
export const stableHash: Leaf<(...columns: readonly Sql[]) => Sql> = leaf({
  duckdb: (...columns) => sql`CAST('0x' || substr(md5(${concatenated(columns)}), 1, 15) AS BIGINT)`,
  snowflake: (...columns) =>
    sql`CAST(TO_NUMBER(SUBSTR(MD5(${concatenated(columns)}), 1, 15), 'XXXXXXXXXXXXXXX') AS NUMBER(19, 0))`,
})

/**
 * 64 bits of the engine's own hash over a row's columns, as a wide whole number and never null: to notice changes, not
 * to name rows. Only values of one engine and version can be compared. It must be added up: with XOR, two rows that
 * swap their values would leave no trace.
 * @throws MartletError LEAF_ARGUMENT when there is no column
 */
export const rowHash: Leaf<(...columns: readonly Sql[]) => Sql> = leaf({
  duckdb: (...columns) => sql`CAST(hash(${sql.join(someOf(columns))}) AS HUGEINT)`,
  snowflake: (...columns) => sql`CAST(HASH(${sql.join(someOf(columns))}) AS NUMBER(38, 0))`,
})

/**
 * One of `buckets` numbers from 0 on, by the engine's own hash over the columns: rows with equal columns have the same
 * one, as with {@link rowHash} within one version of an engine.
 * @throws MartletError LEAF_ARGUMENT when there is no column
 */
export const rowBucket: Leaf<(buckets: number, ...columns: readonly Sql[]) => Sql> = leaf({
  duckdb: (buckets, ...columns) => sql`CAST(hash(${sql.join(someOf(columns))}) % ${integerLiteral(buckets)} AS BIGINT)`,
  snowflake: (buckets, ...columns) =>
    sql`CAST(ABS(MOD(HASH(${sql.join(someOf(columns))}), ${integerLiteral(buckets)})) AS NUMBER(19, 0))`,
})

/** The number of characters (code points). */
export const textLength: Leaf<(x: Sql) => Sql> = leaf({
  duckdb: (x) => sql`CAST(length(${x}) AS INTEGER)`,
  snowflake: (x) => sql`LENGTH(${x})`,
})

/** Whether the regular expression matches anywhere in the text; null for a null. */
export const matches: Leaf<(x: Sql, pattern: string) => Sql> = leaf({
  duckdb: (x, pattern) => sql`regexp_matches(${x}, ${sql.lit(pattern)})`,
  snowflake: (x, pattern) => sql`(REGEXP_INSTR(${x}, ${sql.lit(pattern)}) > 0)`,
})

function someOf(columns: readonly Sql[]): readonly Sql[] {
  if (columns.length === 0) throw new MartletError('LEAF_ARGUMENT', 'A key or hash needs at least one column.')
  return columns
}

function concatenated(columns: readonly Sql[]): Sql {
  const parts = someOf(columns).map((column) => {
    const text = sql`CAST(${column} AS VARCHAR)`
    return sql`COALESCE(CAST(LENGTH(${text}) AS VARCHAR) || ':' || ${text}, '~')`
  })
  return sql`(${sql.join(parts, sql` || `)})`
}
