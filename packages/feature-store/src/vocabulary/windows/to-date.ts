import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import { calendarUnits, type CalendarUnit } from '../../plan/time/calendar-unit.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'
import { calendarReach } from './calendar-reach.ts'
import { edgesOf, type WindowKind } from './window-kind.ts'

/** From the start of the local unit that T lies in to T; empty where T is that start. */
export interface ToDateWindow {
  readonly kind: 'toDate'
  readonly unit: CalendarUnit
}

export const toDate: WindowKind<ToDateWindow> = {
  kind: 'toDate',
  fields: { unit: z.literal(calendarUnits) },
  words: ({ unit }) => `over the local ${unit} to date`,
  reach: ({ unit }) => calendarReach(unit, 0),
  inside: (_, event, point) => {
    const [begin] = edgesOf(point, 1)
    return sql`${event.us} >= ${begin}`
  },
  bounds: (_, point) => ({ from: edgesOf(point, 1)[0], to: point.us }),
  starts: ({ unit }) => [{ unit, back: 0 }],
  refuses: ({ unit }, { every }) =>
    unit === 'day' && every >= MICROS_PER_DAY
      ? `toDate('day') is always empty, because every feature time of this view is the start of a day; use overDays(1) for the day before`
      : undefined,
}
