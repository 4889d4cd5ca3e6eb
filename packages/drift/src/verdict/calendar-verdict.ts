import type { CalendarCheck } from './evidence.ts'
import type { Status } from './result.ts'
import { grouped } from './wording.ts'

/** The verdict on a column that follows from the clock: rows that say something else are a finding, never drift. */
export function calendarVerdict(check: CalendarCheck | null): readonly [status: Status, sentence: string] {
  if (check === null)
    return ['ok', 'Follows from the clock, so it is not compared; not checked, because its definition is not at hand.']
  const { checked, differing } = check
  if (differing > 0)
    return ['ok', `Follows from the clock: ${grouped(differing)} of ${grouped(checked)} rows differ from the calendar.`]
  return ['ok', `Follows from the clock: all of ${grouped(checked)} rows agree with the calendar.`]
}
