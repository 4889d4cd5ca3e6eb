import { MartletError } from '../errors.ts'
import { greatest } from './arithmetic.ts'
import { leaf, type Leaf } from './leaf.ts'
import { integerLiteral } from './literals.ts'
import { fromEpochMicros, timestamp } from './timestamp.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * The instant (UTC) of a local wall-clock time.
 *
 * On DuckDB an hour that happens twice is read as its second occurrence, and a skipped time with the offset from before
 * the change; on Snowflake both follow CONVERT_TIMEZONE.
 * @throws MartletError BAD_TIME_ZONE when the zone is not an IANA time zone
 */
export const toUtc: Leaf<(local: Sql, zone: string) => Sql> = leaf({
  duckdb: (local, zone) => (isUtc(zone) ? local : sql`timezone('UTC', timezone(${zoneLiteral(zone)}, ${local}))`),
  snowflake: (local, zone) => (isUtc(zone) ? local : sql`CONVERT_TIMEZONE(${zoneLiteral(zone)}, 'UTC', ${local})`),
})

/**
 * The local wall-clock time of an instant (UTC).
 * @throws MartletError BAD_TIME_ZONE when the zone is not an IANA time zone
 */
export const toLocal: Leaf<(utc: Sql, zone: string) => Sql> = leaf({
  duckdb: (utc, zone) => (isUtc(zone) ? utc : sql`timezone(${zoneLiteral(zone)}, timezone('UTC', ${utc}))`),
  snowflake: (utc, zone) => (isUtc(zone) ? utc : sql`CONVERT_TIMEZONE('UTC', ${zoneLiteral(zone)}, ${utc})`),
})

/** What a time before the year 1, such as -infinity, becomes: missing, or the first instant of that year. */
export type BeforeAll = 'missing' | 'first'

/**
 * The instant (UTC) that a table's column holds. A column without a time zone is read as the wall-clock time of `zone`
 * (null: of UTC). Times outside the years 1 to 9999 are null, unless `before` maps earlier ones to the first instant of the year 1.
 * @throws MartletError BAD_TIME_ZONE when the zone is not an IANA time zone
 */
export const toInstant: Leaf<(column: Sql, zone: string | null, before: BeforeAll) => Sql> = leaf({
  duckdb: (column, zone, before) => {
    // Sessions are in UTC, so a column with a zone is cast to UTC.
    const utc = sql`TRY_CAST(${column} AS TIMESTAMP)`
    const local = zone !== null && !isUtc(zone)
    // A day less at both ends: local times may be hours away from UTC.
    const [first, last] = local
      ? ['0001-01-02 00:00:00', '9999-12-30 23:59:59.999999']
      : ['0001-01-01 00:00:00', '9999-12-31 23:59:59.999999']
    const value = local
      ? sql`CASE WHEN typeof(${column}) = 'TIMESTAMP WITH TIME ZONE' THEN ${utc} ELSE ${toUtc.duckdb(utc, zone)} END`
      : utc
    if (before === 'missing')
      return sql`CASE WHEN ${utc} BETWEEN TIMESTAMP ${sql.lit(first)} AND TIMESTAMP ${sql.lit(last)} THEN ${value} END`
    return sql`
      CASE
        WHEN ${utc} < TIMESTAMP ${sql.lit(first)} THEN TIMESTAMP '0001-01-01 00:00:00'
        WHEN ${utc} <= TIMESTAMP ${sql.lit(last)} THEN ${value} END
    `
  },
  // Snowflake has no infinite times. CAST would keep the wall clock of a TIMESTAMP_TZ. CONVERT_TIMEZONE reads a
  // TIMESTAMP_NTZ in the session's zone, which is UTC.
  snowflake: (column, zone) => {
    const utc = sql`CAST(CONVERT_TIMEZONE('UTC', ${column}) AS TIMESTAMP_NTZ(6))`
    if (zone === null || isUtc(zone)) return utc
    const local = toUtc.snowflake(sql`CAST(${column} AS TIMESTAMP_NTZ(6))`, zone)
    return sql`
      CASE
        WHEN SUBSTR(SYSTEM$TYPEOF(${column}), 1, 11) IN ('TIMESTAMP_T', 'TIMESTAMP_L') THEN ${utc}
        ELSE ${local} END
    `
  },
})

/**
 * Whether a table's column may hold an instant from `from` (µs, or a query of them) on: true for every row of which
 * {@link toInstant} is that late, whatever the zone, and false for most others. Being about the column itself it lets the
 * engine pass over blocks.
 */
export const mayBeFrom: Leaf<(column: Sql, from: bigint | Sql) => Sql> = leaf({
  // A zone moves a time by less than a day. A column that is no timestamp is cast, and nothing is passed over.
  duckdb: (column, from) => sql`TRY_CAST(${column} AS TIMESTAMP) >= ${twoDaysBefore('duckdb', from)}`,
  // Any zone's clock shows less than a day more than UTC, and comparing with a TIMESTAMP_NTZ reads it in the session's.
  snowflake: (column, from) => sql`${column} >= ${twoDaysBefore('snowflake', from)}`,
})

/** A date; null outside the years 1 to 9999, unless `before` maps earlier ones to the first day of the year 1. */
export const toDate: Leaf<(column: Sql, before: BeforeAll) => Sql> = leaf({
  standard: (column) => sql`CAST(${column} AS DATE)`,
  duckdb: (column, before) => {
    const date = sql`CAST(${column} AS DATE)`
    if (before === 'missing')
      return sql`CASE WHEN ${date} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN ${date} END`
    return sql`
      CASE
        WHEN ${date} < DATE '0001-01-01' THEN DATE '0001-01-01'
        WHEN ${date} <= DATE '9999-12-31' THEN ${date} END
    `
  },
})

function twoDaysBefore(engine: 'duckdb' | 'snowflake', instant: bigint | Sql): Sql {
  const [first, days] = [-62_135_596_800_000_000n, 2n * 86_400_000_000n]
  if (typeof instant === 'bigint') return timestamp[engine](instant - days < first ? first : instant - days)
  const before = greatest[engine](sql`${instant} - ${integerLiteral(days)}`, integerLiteral(first))
  return fromEpochMicros[engine](before)
}

function isUtc(zone: string): boolean {
  return zone === 'UTC'
}

function zoneLiteral(zone: string): Sql {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) || !isKnown(zone)) {
    throw new MartletError(
      'BAD_TIME_ZONE',
      `${JSON.stringify(zone)} is not an IANA time zone. Write a name such as 'Europe/Berlin'.`,
      { data: { zone } },
    )
  }
  return sql.lit(zone)
}

function isKnown(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}
