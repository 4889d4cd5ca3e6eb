import { sql } from 'kysely'
import type { Sql } from '@martlet/warehouse'

const DAY = 86_400_000_000

export type Aggregates = readonly ('sum' | 'mean' | 'stddev')[]

const name = { sum: sql`SUM`, mean: sql`AVG`, stddev: sql`STDDEV_SAMP` }

/** What the textbook says: a window frame over spine and events together. */
export function rangeFrames(aggregates: Aggregates, days: readonly number[]): Sql {
  const columns = days.flatMap((length) =>
    aggregates.map((aggregate) => {
      const frame = sql`PARTITION BY customer_id ORDER BY ts RANGE BETWEEN INTERVAL ${sql.lit(`${length} days`)} PRECEDING
        AND INTERVAL '1 microsecond' PRECEDING`
      return sql`${name[aggregate]}(kwh) OVER (${frame}) AS ${sql.id(`${aggregate}_${length}`)}`
    }),
  )
  return sql`CREATE OR REPLACE TABLE training.frames AS
    SELECT * FROM (
      SELECT customer_id, "at", ${sql.join(columns)} FROM (
        SELECT customer_id, ts, kwh, CAST(NULL AS TIMESTAMP) AS "at" FROM mart.usage
        UNION ALL
        SELECT customer_id, date_trunc('day', "at"), NULL, "at" FROM mart.spine
      ) both_sides
    ) framed WHERE "at" IS NOT NULL`
}

/** The best we can write by hand: daily sums, spread over every day, running totals and LAG, one hash join. Sums only. */
export function handWritten(days: readonly number[]): Sql {
  const lagged = days.map(
    (length) =>
      sql`total - COALESCE(LAG(total, ${sql.lit(length)}) OVER (PARTITION BY customer_id ORDER BY day), 0) AS ${sql.id(`sum_${length}`)}`,
  )
  const columns = days.map((length) => sql.id('f', `sum_${length}`))
  return sql`CREATE OR REPLACE TABLE training.by_hand AS
    WITH daily AS (
      SELECT customer_id, epoch_us(ts) // ${sql.lit(DAY)} + 1 AS day, SUM(kwh) AS kwh FROM mart.usage GROUP BY ALL
    ), running AS (
      SELECT customer_id, day, SUM(kwh) OVER w AS total, LEAD(day, 1, 20455) OVER w AS next_day FROM daily
      WINDOW w AS (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING)
    ), every_day AS (
      SELECT customer_id, UNNEST(range(day, next_day)) AS day, total FROM running
    ), features AS (
      SELECT customer_id, day, ${sql.join(lagged)} FROM every_day
    )
    SELECT s.customer_id, s."at", ${sql.join(columns)} FROM mart.spine s
    LEFT JOIN features f ON f.customer_id = s.customer_id AND f.day = epoch_us(s."at") // ${sql.lit(DAY)}`
}
