import { sql, type Leaves, type Sql } from '@martlet/warehouse'

interface Readings {
  readonly leaves: Leaves
  /** Events with `us` and `sequence`. */
  readonly events: Sql
  /** The columns that say whose meter it is. */
  readonly owner: readonly string[]
  /** The column of the events with the readings of a counter that only grows. */
  readonly reading: string
}

/**
 * Events with where the meter stands at them: the sum of all increases since the first reading is `stands + lost`. A
 * lower reading starts anew and counts as itself; null readings are passed over. Null before the first reading.
 */
function runningMeter({ leaves, events, owner, reading }: Readings, more: (order: Sql) => readonly Sql[]): Sql {
  const value = sql.id(reading)
  const order = orderOf({ owner, reading })
  const before = leaves.lastPresent(value, sql`${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`)
  const read = sql`SELECT r.*, ${before} AS read_before FROM (${events}) r`
  // Only what was counted before a reset is summed, so that without resets readings are compared as they are.
  const lost = sql`SUM(CASE WHEN ${value} < read_before THEN read_before ELSE 0 END) OVER (${order} ROWS UNBOUNDED PRECEDING)`
  const columns = [sql`r.*`, sql`COALESCE(${value}, read_before) AS stands`, sql`${lost} AS lost`, ...more(order)]
  return sql`SELECT ${sql.join(columns)} FROM (${read}) r`
}

function orderOf({ owner, reading }: Pick<Readings, 'owner' | 'reading'>): Sql {
  const partition = sql.join(owner.map((name) => sql.id('r', name)))
  const order = sql`ORDER BY us, sequence NULLS FIRST, ${sql.id(reading)} NULLS FIRST`
  return owner.length === 0 ? order : sql`PARTITION BY ${partition} ${order}`
}

/** The events with `below`: how far the meter at the event is below the one at the owner's newest event. */
export function belowNewest(readings: Readings): Sql {
  const frame = sql`${orderOf(readings)} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING`
  const newest = (name: string): Sql => readings.leaves.lastPresent(sql.id(name), frame)
  return sql`
    SELECT r.*, (${newest('stands')} - stands) + (${newest('lost')} - lost) AS below
    FROM (${runningMeter(readings, () => [])}) r
  `
}

/**
 * The events before each T, with `t` and with `below`: how far the meter at the event is below the one at the newest
 * event before T. Each event is read once; no event may become known later than others before T.
 */
export function belowNewestAt(readings: Readings, points: MeterPoints): Sql {
  const { owner } = readings
  const next = (order: Sql): readonly Sql[] => [sql`LEAD(us) OVER (${order}) AS next_us`]
  const same = (left: string, right: string): readonly Sql[] =>
    owner.map((name) => sql`${sql.id(left, name)} = ${sql.id(right, name)}`)
  const isNewest = [sql`m.us < ${points.us}`, sql`(m.next_us IS NULL OR m.next_us >= ${points.us})`]
  const at =
    points.table === undefined
      ? sql`metered m WHERE ${sql.join(isNewest, sql` AND `)}`
      : sql`metered m JOIN ${points.table} p ON ${sql.join([...(points.perOwner ? same('p', 'm') : []), ...isNewest], sql` AND `)}`
  const columns = [...owner.map((name) => sql.id('m', name)), sql`${points.us} AS t`, sql`m.stands`, sql`m.lost`]
  return sql`
    SELECT *
    FROM (WITH metered AS (${runningMeter(readings, next)}), newest AS (SELECT ${sql.join(columns)} FROM ${at})
      SELECT v.*, n.t AS t, (n.stands - v.stands) + (n.lost - v.lost) AS below
      FROM metered v
      JOIN newest n ON ${sql.join([...same('v', 'n'), sql`v.us < n.t`], sql` AND `)}) placed
  `
}

interface MeterPoints {
  /** T in µs: a constant, or a column of `p`. */
  readonly us: Sql
  /** The table of the feature times `p`; undefined where there is one. */
  readonly table: Sql | undefined
  /** Whether the table holds each owner's own feature times. */
  readonly perOwner: boolean
}
