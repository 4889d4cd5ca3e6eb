import type { CalendarPart } from '../plan/feature-plan.ts'
import { single, type Features } from './features.ts'
import { invalid } from './invalid-definition.ts'

const parts: Readonly<Record<CalendarPart, true>> = {
  year: true,
  quarter: true,
  month: true,
  week: true,
  dayOfYear: true,
  dayOfMonth: true,
  dayOfWeek: true,
  hour: true,
  isWeekend: true,
}

/** Features of T itself. */
export interface CalendarBuilder {
  /** A part of T on the clock of the view's zone; weeks are ISO weeks, dayOfWeek is 1 on Monday. */
  calendar<const P extends CalendarPart>(part: P): Features<P extends 'isWeekend' ? boolean : number, ''>
}

export function calendarBuilder(): CalendarBuilder {
  return {
    calendar: (part) =>
      single((name, place) => {
        if (!Object.hasOwn(parts, part)) {
          throw invalid(place, `'${part}' is not a calendar part; there are ${Object.keys(parts).join(', ')}`)
        }
        return { kind: 'calendar', name, type: part === 'isWeekend' ? 'boolean' : 'integer', nullable: false, part }
      }),
  }
}
