import { sql, type Leaves, type Sql } from '@martlet/warehouse'

interface Metered {
  readonly leaves: Leaves
  /** Events with `us` and `sequence`. */
  readonly events: Sql
  /** What a meter runs along: an entity, or an entity at a feature time. */
  readonly partition: Sql
  /** The column of the events with the readings of a counter that only grows. */
  readonly reading: string
}

/**
 * The events with `below`: how far the meter at the event is below the one at the newest event, which is the sum of all
 * increases in between. A lower reading starts anew and counts as itself; null readings are passed over. Null before
 * the first reading.
 */
export function belowNewest({ leaves, events, partition, reading }: Metered): Sql {
  const value = sql.id(reading)
  const order = sql`PARTITION BY ${partition} ORDER BY us, sequence NULLS FIRST, ${value} NULLS FIRST`
  const before = leaves.lastPresent(value, sql`${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`)
  const read = sql`SELECT r.*, ${before} AS read_before FROM (${events}) r`
  // Only what was counted before a reset is summed, so that without resets readings are compared as they are.
  const lost = sql`SUM(CASE WHEN ${value} < read_before THEN read_before ELSE 0 END) OVER (${order} ROWS UNBOUNDED PRECEDING)`
  const metered = sql`
    SELECT r.*, COALESCE(${value}, read_before) AS stands, ${lost} AS lost
    FROM (${read}) r
  `
  const newest = (name: string): Sql =>
    leaves.lastPresent(sql.id(name), sql`${order} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING`)
  return sql`
    SELECT r.*, (${newest('stands')} - stands) + (${newest('lost')} - lost) AS below
    FROM (${metered}) r
  `
}
