import { sql } from 'kysely'
import { MartletError } from '../errors.ts'
import type { Sql } from '../warehouse.ts'
import type { Leaf } from './leaf.ts'

/**
 * The instant (UTC) of a local wall-clock time.
 *
 * An hour that happens twice is read as its second occurrence, and a time that was skipped is read with the offset from
 * before the change, on DuckDB; on Snowflake both follow CONVERT_TIMEZONE.
 */
export const toUtc: Leaf<(local: Sql, zone: string) => Sql> = {
  duckdb: (local, zone) => (isUtc(zone) ? local : sql`timezone('UTC', timezone(${zoneLiteral(zone)}, ${local}))`),
  snowflake: (local, zone) => (isUtc(zone) ? local : sql`CONVERT_TIMEZONE(${zoneLiteral(zone)}, 'UTC', ${local})`),
}

/** The local wall-clock time of an instant (UTC). */
export const toLocal: Leaf<(utc: Sql, zone: string) => Sql> = {
  duckdb: (utc, zone) => (isUtc(zone) ? utc : sql`timezone(${zoneLiteral(zone)}, timezone('UTC', ${utc}))`),
  snowflake: (utc, zone) => (isUtc(zone) ? utc : sql`CONVERT_TIMEZONE('UTC', ${zoneLiteral(zone)}, ${utc})`),
}

function isUtc(zone: string): boolean {
  return zone === 'UTC'
}

function zoneLiteral(zone: string): Sql {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone) || !isKnown(zone)) {
    throw new MartletError('BAD_TIME_ZONE', `${JSON.stringify(zone)} is not an IANA time zone. Write a name such as 'Europe/Berlin'.`, { data: { zone } })
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
