import { calendarParts, type CalendarFeature, type CalendarPart } from '../../vocabulary/features/calendar.ts'
import { single, type Features } from './features.ts'
import { invalid } from '../invalid-definition.ts'

/** Features of T itself. */
export interface CalendarBuilder {
  /** A part of T on the clock of the view's zone; weeks are ISO weeks, dayOfWeek is 1 on Monday. */
  calendar<const P extends CalendarPart>(part: P): Features<P extends 'isWeekend' ? boolean : number, ''>
}

export function calendarBuilder(): CalendarBuilder {
  return {
    calendar: (part) =>
      single((name, place) => {
        if (!calendarParts.includes(part)) {
          throw invalid(place, `'${part}' is not a calendar part; there are ${calendarParts.join(', ')}`)
        }
        const type = part === 'isWeekend' ? 'boolean' : 'integer'
        return { kind: 'calendar', name, type, nullable: false, part } satisfies CalendarFeature
      }),
  }
}
