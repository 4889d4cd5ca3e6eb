import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { TypedSql } from './typed-sql.ts'

/** A column of the events and its type. */
export type GroupColumn = TypedSql

/** Prints an aggregate of events: over the group of a GROUP BY, or over the frame of an OVER. */
export interface Group {
  readonly leaves: Leaves
  /** The window's own words between the parentheses of OVER; undefined for a GROUP BY. */
  readonly frame: Sql | undefined
  /** The time of an event in µs, from an instant near by. */
  readonly time: Sql
  /** `SUM(x)`, followed by OVER when there is a frame. */
  aggregate(call: Sql): Sql
  /** The value of the oldest event whose value is present. */
  oldest(column: GroupColumn): Sql
  newest(column: GroupColumn): Sql
  /** How many different values there are. */
  distinct(column: GroupColumn): Sql
}

/** Events `v` with `us` and `sequence`, joined with a point `p` and grouped by it. */
export function eventGroup(leaves: Leaves): Group {
  const order = (x: Sql): readonly Sql[] => [sql.id('v', 'us'), sql.id('v', 'sequence'), x]
  return {
    leaves,
    frame: undefined,
    time: sql`(v.us - p.t)`,
    aggregate: (call) => call,
    oldest: (x) => leaves.oldest(x.sql, order(x.sql), x.type),
    newest: (x) => leaves.newest(x.sql, order(x.sql), x.type),
    distinct: (x) => sql`COUNT(DISTINCT ${x.sql})`,
  }
}

/** Events with `tau`, in a frame that is ordered by time, sequence and value. */
export function eventFrame(leaves: Leaves, frame: Sql): Group {
  return {
    leaves,
    frame,
    time: sql`tau`,
    aggregate: (call) => sql`${call} OVER (${frame})`,
    oldest: (x) => leaves.firstPresent(x.sql, frame),
    newest: (x) => leaves.lastPresent(x.sql, frame),
    distinct: (x) => leaves.distinctPresent(x.sql, frame),
  }
}
