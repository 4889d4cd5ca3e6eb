import { z } from 'zod'
import { sql } from '@martlet/warehouse'
import { calendarUnits, type CalendarUnit } from '../../plan/time/calendar-unit.ts'
import { calendarReach } from './calendar-reach.ts'
import { edgesOf, type WindowKind } from './window-kind.ts'

/** Whole units of the view's local calendar; the last one ends `shift` units before the newest unit start up to T. */
export interface CalendarWindow {
  readonly kind: 'calendar'
  readonly unit: CalendarUnit
  readonly units: number
  readonly shift: number
}

export const calendar: WindowKind<CalendarWindow> = {
  kind: 'calendar',
  fields: { unit: z.literal(calendarUnits), units: z.number(), shift: z.number() },
  words: ({ unit, units, shift }) =>
    `over the last ${counted(units, unit)}${shift === 0 ? '' : ` shifted by ${counted(shift, unit)}`}`,
  reach: ({ unit, units, shift }) => calendarReach(unit, units + shift),
  inside: (_, event, point) => {
    const [begin, end] = edgesOf(point, 2)
    return sql`${event.us} >= ${begin} AND ${event.us} < ${end}`
  },
  bounds: (_, point) => {
    const [from, to] = edgesOf(point, 2)
    return { from, to }
  },
  starts: ({ unit, units, shift }) => [
    { unit, back: units + shift },
    { unit, back: shift },
  ],
}

function counted(count: number, unit: CalendarUnit): string {
  return count === 1 ? `local ${unit}` : `${count} local ${unit}s`
}
