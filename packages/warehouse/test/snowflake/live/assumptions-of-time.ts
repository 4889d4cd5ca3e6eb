import { sql } from '@martlet/warehouse'
import type { Assumption } from './assumption.ts'
import { parameter, rows, value } from './ask.ts'

const at = (text: string) => sql`CAST(${sql.lit(text)} AS TIMESTAMP_NTZ(6))`
const events = sql`(SELECT 1 AS x, ${at('2024-01-01 00:00:00')} AS at_time UNION ALL SELECT 2, ${at('2024-01-02 00:00:00')}
  UNION ALL SELECT 4, ${at('2024-01-02 00:00:00.000001')}) AS t`

export const assumptionsOfTime: readonly Assumption[] = [
  {
    name: 'TIMESTAMP_NTZ without digits has nine of them',
    page: 'sql-reference/data-types-datetime',
    double: 'refuses',
    expected: 9,
    ask: async (w) => {
      await w.run(sql`CREATE OR REPLACE TABLE digits (t TIMESTAMP_NTZ)`)
      return value(sql`SELECT datetime_precision AS p FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'DIGITS'`)(w)
    },
  },
  {
    name: 'the time zone of a session is Los Angeles unless somebody sets it',
    page: 'sql-reference/parameters',
    double: 'refuses',
    expected: 'America/Los_Angeles',
    ask: parameter('TIMEZONE', 'default'),
  },
  {
    name: 'our sessions have the time zone UTC',
    page: 'sql-reference/parameters',
    double: 'refuses',
    expected: 'UTC',
    ask: parameter('TIMEZONE', 'value'),
  },
  {
    name: 'CURRENT_TIMESTAMP is a TIMESTAMP_LTZ',
    page: 'sql-reference/functions/current_timestamp',
    double: 'refuses',
    expected: 'TIMESTAMP_LTZ(9)',
    ask: async (w) => String(await value(sql`SELECT SYSTEM$TYPEOF(CURRENT_TIMESTAMP()) AS t`)(w)).replace(/\[.*/, ''),
  },
  {
    name: 'microseconds of a time before the epoch are negative',
    page: 'sql-reference/functions/date_part',
    double: 'agrees',
    expected: -1,
    ask: value(sql`SELECT DATE_PART(EPOCH_MICROSECOND, ${at('1969-12-31 23:59:59.999999')}) AS us`),
  },
  {
    name: 'a whole number is taken for microseconds with scale 6',
    page: 'sql-reference/functions/to_timestamp',
    double: 'agrees',
    expected: '2024-02-29T12:34:56.789Z',
    ask: value(sql`SELECT CAST(TO_TIMESTAMP_NTZ(1709210096789123, 6) AS TIMESTAMP_NTZ(6)) AS t`),
  },
  {
    name: 'DATEADD takes microseconds beyond 32 bits, and negative ones',
    page: 'sql-reference/functions/dateadd',
    double: 'agrees',
    expected: '2023-12-31T00:00:00.000Z',
    ask: value(sql`SELECT DATEADD('microsecond', -86400000000, ${at('2024-01-01 00:00:00')}) AS t`),
  },
  {
    name: 'DATEDIFF counts boundaries',
    page: 'sql-reference/functions/datediff',
    double: 'refuses',
    expected: 1,
    ask: value(sql`SELECT DATEDIFF('day', ${at('2024-01-01 23:59:59')}, ${at('2024-01-02 00:00:00')}) AS n`),
  },
  {
    name: 'TIME_SLICE begins at the epoch',
    page: 'sql-reference/functions/time_slice',
    double: 'refuses',
    expected: '2024-01-04T00:00:00.000Z',
    ask: value(sql`SELECT TIME_SLICE(${at('2024-01-10 12:00:00')}, 7, 'DAY') AS t`),
  },
  {
    name: 'a frame of an INTERVAL includes its far end',
    page: 'sql-reference/functions-window-syntax',
    double: 'agrees',
    expected: [
      [1, 1],
      [2, 3],
      [4, 6],
    ],
    ask: (w) =>
      rows(
        w,
        sql`SELECT x, SUM(x) OVER (ORDER BY at_time RANGE BETWEEN INTERVAL '1 day' PRECEDING AND CURRENT ROW) AS s
          FROM ${events} ORDER BY x`,
      ),
  },
  {
    name: 'CONVERT_TIMEZONE knows the change of clocks',
    page: 'sql-reference/functions/convert_timezone',
    double: 'agrees',
    expected: '2024-03-31T01:30:00.000Z',
    ask: value(sql`SELECT CONVERT_TIMEZONE('Europe/Zurich', 'UTC', ${at('2024-03-31 03:30:00')}) AS t`),
  },
  {
    name: 'an hour that happens twice is read as its first occurrence, one that was skipped with the offset from before',
    page: 'sql-reference/functions/convert_timezone',
    double: 'differs',
    expected: [['2024-10-27T00:30:00.000Z', '2024-03-31T01:30:00.000Z']],
    ask: (w) =>
      rows(
        w,
        sql`SELECT CONVERT_TIMEZONE('Europe/Zurich', 'UTC', ${at('2024-10-27 02:30:00')}) AS twice,
          CONVERT_TIMEZONE('Europe/Zurich', 'UTC', ${at('2024-03-31 02:30:00')}) AS never`,
      ),
  },
  {
    name: 'CONVERT_TIMEZONE of two arguments keeps the instant of a TIMESTAMP_TZ, and takes a TIMESTAMP_NTZ for one of the session',
    page: 'sql-reference/functions/convert_timezone',
    double: 'agrees',
    expected: [['2024-07-01T12:00:00.000Z', '2024-07-01T12:00:00.000Z']],
    ask: (w) =>
      rows(
        w,
        sql`SELECT CAST(CONVERT_TIMEZONE('UTC',
          CAST('2024-07-01 17:30:00+05:30' AS TIMESTAMP_TZ(6))) AS TIMESTAMP_NTZ(6)) AS zoned, CAST(CONVERT_TIMEZONE('UTC',
            ${at('2024-07-01 12:00:00')}) AS TIMESTAMP_NTZ(6)) AS plain`,
      ),
  },
  {
    name: 'SYSTEM$TYPEOF tells a time with a zone from one without',
    page: 'sql-reference/functions/system_typeof',
    double: 'agrees',
    expected: [['TIMESTAMP_T', 'TIMESTAMP_N']],
    ask: (w) =>
      rows(
        w,
        sql`SELECT SUBSTR(SYSTEM$TYPEOF(zoned), 1, 11) AS a, SUBSTR(SYSTEM$TYPEOF(plain), 1, 11) AS b
          FROM (SELECT CAST('2024-07-01 17:30:00+05:30' AS TIMESTAMP_TZ(6)) AS zoned, ${at('2024-07-01 12:00:00')} AS plain) AS t`,
      ),
  },
  {
    name: 'ISO weeks and days of the week begin on Monday',
    page: 'sql-reference/functions/year',
    double: 'agrees',
    expected: [[1, 1, 366]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT WEEKISO(${at('2024-12-30 00:00:00')}) AS w, DAYOFWEEKISO(${at('2024-12-30 00:00:00')}) AS d,
          DAYOFYEAR(${at('2024-12-31 00:00:00')}) AS y`,
      ),
  },
]
