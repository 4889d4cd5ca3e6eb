import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

/** ISO weeks begin on Monday, which is day 1; hours are 0 to 23, all other parts count from 1. */
export type DatePart = 'year' | 'quarter' | 'month' | 'isoWeek' | 'dayOfYear' | 'dayOfMonth' | 'isoDayOfWeek' | 'hour'

const DUCKDB: Readonly<Record<DatePart, string>> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  isoWeek: 'week',
  dayOfYear: 'doy',
  dayOfMonth: 'day',
  isoDayOfWeek: 'isodow',
  hour: 'hour',
}

const SNOWFLAKE: Readonly<Record<DatePart, string>> = {
  year: 'YEAR',
  quarter: 'QUARTER',
  month: 'MONTH',
  isoWeek: 'WEEKISO',
  dayOfYear: 'DAYOFYEAR',
  dayOfMonth: 'DAY',
  isoDayOfWeek: 'DAYOFWEEKISO',
  hour: 'HOUR',
}

/** A calendar part of a timestamp, as an integer. */
export const datePart: Leaf<(part: DatePart, ts: Sql) => Sql> = leaf({
  duckdb: (part, ts) => sql`CAST(date_part(${sql.lit(DUCKDB[part])}, ${ts}) AS INTEGER)`,
  snowflake: (part, ts) => sql`${sql.raw(SNOWFLAKE[part])}(${ts})`,
})
