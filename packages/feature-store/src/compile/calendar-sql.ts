import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { CalendarPart } from '../plan/feature-plan.ts'

/** A part of feature time `t` (µs) by the clock of a zone; weeks and weekdays are ISO's (Monday 1). */
export function calendarValue(leaves: Leaves, part: CalendarPart, t: Sql, zone: string): Sql {
  const utc = leaves.fromEpochMicros(t)
  const local = zone === 'UTC' ? utc : leaves.toLocal(utc, zone)
  switch (part) {
    case 'week':
      return leaves.datePart('isoWeek', local)
    case 'dayOfWeek':
      return leaves.datePart('isoDayOfWeek', local)
    case 'isWeekend':
      return sql`(${leaves.datePart('isoDayOfWeek', local)} >= 6)`
    default:
      return leaves.datePart(part, local)
  }
}
