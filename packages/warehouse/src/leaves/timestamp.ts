import { leaf, type Leaf } from './leaf.ts'
import { integerLiteral } from './literals.ts'
import { sql, type Sql } from '../sql.ts'

/** An instant as a literal. */
export const timestamp: Leaf<(micros: bigint | number) => Sql> = leaf({
  duckdb: (micros) => sql`make_timestamp(CAST(${integerLiteral(micros)} AS BIGINT))`,
  snowflake: (micros) => sql`CAST(TO_TIMESTAMP_NTZ(${integerLiteral(micros)}, 6) AS TIMESTAMP_NTZ(6))`,
})

/** Microseconds since the epoch. */
export const epochMicros: Leaf<(ts: Sql) => Sql> = leaf({
  duckdb: (ts) => sql`epoch_us(${ts})`,
  snowflake: (ts) => sql`DATE_PART(EPOCH_MICROSECOND, ${ts})`,
})

/** The instant of a whole number of microseconds since the epoch. */
export const fromEpochMicros: Leaf<(micros: Sql) => Sql> = leaf({
  duckdb: (micros) => sql`make_timestamp(CAST(${micros} AS BIGINT))`,
  snowflake: (micros) => sql`CAST(TO_TIMESTAMP_NTZ(CAST(${micros} AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))`,
})

/** A timestamp moved by microseconds, which may be negative. */
export const addMicros: Leaf<(ts: Sql, micros: number | bigint | Sql) => Sql> = leaf({
  duckdb: (ts, micros) => sql`(${ts} + to_microseconds(CAST(${amount(micros)} AS BIGINT)))`,
  snowflake: (ts, micros) => sql`DATEADD('microsecond', ${amount(micros)}, ${ts})`,
})

function amount(micros: number | bigint | Sql): Sql {
  return typeof micros === 'object' ? micros : integerLiteral(micros)
}
