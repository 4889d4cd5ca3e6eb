import type { Micros } from '../../plan/feature-plan.ts'
import { longestUnit, type CalendarUnit } from '../../plan/time/calendar-unit.ts'
import { MICROS_PER_DAY } from '../../plan/time/duration-text.ts'

/** Clocks of one zone are never further apart than that, whatever changes of clocks lie between. */
const CLOCK_CHANGE_DAYS = 2

/** The longest time from the start of the unit `back` units before the one that T lies in, to T. */
export function calendarReach(unit: CalendarUnit, back: number): Micros {
  return ((back + 1) * longestUnit(unit) + CLOCK_CHANGE_DAYS) * MICROS_PER_DAY
}
