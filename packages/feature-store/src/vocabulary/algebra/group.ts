import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { fixedId, type FixedColumn } from './fixed-point.ts'
import type { Input } from './input.ts'
import type { TypedSql } from './typed-sql.ts'
import { partId, type DecimalParts } from './split-decimal.ts'

/** A column of the events and its type. */
export interface GroupColumn extends TypedSql {
  /** Where the value can be squared; as `sql` but for doubles. */
  readonly fit: Sql
  /** Of doubles: the value as a whole number of units. */
  readonly units: Sql
  /** Of doubles: 1, and more where the value is not kept exactly. */
  readonly counted: Sql
  /** Of decimals that are summed in parts: what is summed. */
  readonly parts: DecimalParts
}

/** A column of the events; `value` prints one of its columns by name. */
export function groupColumn({ id, type }: Pick<Input, 'id' | 'type'>, value: (name: string) => Sql): GroupColumn {
  const fixed = (name: FixedColumn): Sql => value(fixedId(name, { id }))
  const own = value(id)
  return {
    type,
    sql: own,
    fit: type === 'double' ? fixed('fit') : own,
    units: fixed('units'),
    counted: fixed('counted'),
    parts: {
      high: value(partId('high', { id })),
      low: value(partId('low', { id })),
      rest: value(partId('rest', { id })),
    },
  }
}

/** Prints an aggregate of events: over the group of a GROUP BY, or over the frame of an OVER. */
export interface Group {
  readonly leaves: Leaves
  /** The window's own words between the parentheses of OVER; undefined for a GROUP BY. */
  readonly frame: Sql | undefined
  /** The time of an event in µs, from T or from an instant near by. */
  readonly time: Sql
  /** `SUM(x)`, followed by OVER when there is a frame. */
  aggregate(call: Sql): Sql
  /** The value of the oldest event whose value is present. */
  oldest(column: GroupColumn): Sql
  newest(column: GroupColumn): Sql
  /** The value that most events have, of several the newest; only where events have `often`. */
  mostFrequent(column: GroupColumn): Sql
  /** How many different values there are. */
  distinct(column: GroupColumn): Sql
}

/**
 * Events `v` with `us` and `sequence`, and for aggregates that are `counted` with `often`, grouped by a point, whose T in
 * µs is `point`.
 */
export function eventGroup(leaves: Leaves, point: Sql): Group {
  const order = (x: Sql): readonly Sql[] => [sql.id('v', 'us'), sql.id('v', 'sequence'), x]
  return {
    leaves,
    frame: undefined,
    time: sql`(v.us - ${point})`,
    aggregate: (call) => call,
    oldest: (x) => leaves.oldest(x.sql, order(x.sql), x.type),
    newest: (x) => leaves.newest(x.sql, order(x.sql), x.type),
    mostFrequent: (x) => leaves.newest(x.sql, [sql.id('v', 'often'), ...order(x.sql)], x.type),
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
    mostFrequent: () => {
      throw new Error('a frame does not say how often a value occurs')
    },
    distinct: (x) => leaves.distinctPresent(x.sql, frame),
  }
}
