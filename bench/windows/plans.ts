import { sql } from 'kysely'
import type { Sql } from '@martlet/warehouse'

const DAY = 86_400_000_000
/** The day after the last of the events, counted from the epoch. */
const END = 20_455

export type Aggregates = readonly ('sum' | 'mean' | 'stddev')[]

const name = { sum: sql`SUM`, mean: sql`AVG`, stddev: sql`STDDEV_SAMP` }

/** What the textbook says: a window frame over spine and events together. */
export function rangeFrames(table: string, aggregates: Aggregates, days: readonly number[]): Sql {
  const columns = days.flatMap((length) =>
    aggregates.map((aggregate) => {
      const frame = sql`PARTITION BY customer_id ORDER BY ts RANGE BETWEEN INTERVAL ${sql.lit(`${length} days`)} PRECEDING
        AND INTERVAL '1 microsecond' PRECEDING`
      return sql`${name[aggregate]}(kwh) OVER (${frame}) AS ${sql.id(`${aggregate}_${length}`)}`
    }),
  )
  return sql`CREATE OR REPLACE TABLE ${sql.table(table)} AS
    SELECT * FROM (
      SELECT customer_id, "at", ${sql.join(columns)} FROM (
        SELECT customer_id, ts, kwh, CAST(NULL AS TIMESTAMP) AS "at" FROM mart.usage
        UNION ALL
        SELECT customer_id, date_trunc('day', "at"), NULL, "at" FROM mart.spine
      ) both_sides
    ) framed WHERE "at" IS NOT NULL`
}

/**
 * Running sums of every customer at the beginning of every day from the first event on: what `handWritten` computes
 * first, and what a team might keep in a table. Sums of eighths and their squares are exact, so differences are too.
 */
export function runningSums(aggregates: Aggregates): Sql {
  const moments = momentsOf(aggregates)
  const daily = moments.map((moment) => sql`${dailyValue[moment]} AS ${sql.id(moment)}`)
  const running = moments.map((moment) => sql`SUM(${sql.id(moment)}) OVER w AS ${sql.id(moment)}`)
  const names = moments.map((moment) => sql.id(moment))
  return sql`
    SELECT customer_id, UNNEST(range(day, next_day)) AS day, ${sql.join(names)} FROM (
      SELECT customer_id, day, ${sql.join(running)}, LEAD(day, 1, ${sql.lit(END)}) OVER w AS next_day FROM (
        SELECT customer_id, epoch_us(ts) // ${sql.lit(DAY)} + 1 AS day, ${sql.join(daily)} FROM mart.usage GROUP BY ALL
      ) daily
      WINDOW w AS (PARTITION BY customer_id ORDER BY day ROWS UNBOUNDED PRECEDING)
    ) running`
}

/** The best we can write by hand: running sums of every day, LAG to each window's start, one hash join. */
export function handWritten(
  table: string,
  aggregates: Aggregates,
  days: readonly number[],
  running: Sql = runningSums(aggregates),
): Sql {
  const moments = momentsOf(aggregates)
  const edges = days.flatMap((length) =>
    moments.map((moment) => {
      const column = sql.id(moment)
      const before = sql`LAG(${column}, ${sql.lit(length)}) OVER (PARTITION BY customer_id ORDER BY day)`
      return sql`${column} - COALESCE(${before}, 0) AS ${sql.id(`${moment}_${length}`)}`
    }),
  )
  const columns = days.flatMap((length) =>
    aggregates.map((aggregate) => sql`${valueOf(aggregate, length)} AS ${sql.id(`${aggregate}_${length}`)}`),
  )
  return sql`CREATE OR REPLACE TABLE ${sql.table(table)} AS
    WITH edges AS (
      SELECT customer_id, day, ${sql.join(edges)} FROM (${running}) r
    ), features AS (
      SELECT customer_id, day, ${sql.join(columns)} FROM edges
    )
    SELECT s.customer_id, s."at", f.* EXCLUDE (customer_id, day) FROM mart.spine s
    LEFT JOIN features f ON f.customer_id = s.customer_id AND f.day = epoch_us(s."at") // ${sql.lit(DAY)}`
}

type Moment = 'total' | 'n' | 'squares'

const dailyValue = { total: sql`SUM(kwh)`, n: sql`COUNT(*)`, squares: sql`SUM(kwh * kwh)` }

function momentsOf(aggregates: Aggregates): readonly Moment[] {
  const all: readonly Moment[] = ['total', 'n', 'squares']
  return all.slice(0, aggregates.includes('stddev') ? 3 : aggregates.includes('mean') ? 2 : 1)
}

function valueOf(aggregate: Aggregates[number], length: number): Sql {
  const [total, n, squares] = [sql.id(`total_${length}`), sql.id(`n_${length}`), sql.id(`squares_${length}`)]
  switch (aggregate) {
    case 'sum':
      return total
    case 'mean':
      return sql`${total} / NULLIF(${n}, 0)`
    case 'stddev':
      return sql`CASE WHEN ${n} > 1 THEN sqrt(GREATEST(0, ${squares} - ${total} * ${total} / ${n}) / (${n} - 1)) END`
  }
}
