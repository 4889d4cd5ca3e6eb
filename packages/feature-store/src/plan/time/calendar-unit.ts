import { dayStart, localDay } from './grid.ts'

/** Units of a local clock's calendar; weeks are ISO weeks, which begin on Mondays. */
export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year'

interface Unit {
  /** The number of the unit that a day (days since the epoch) lies in. */
  number(day: number): number
  /** The first day of a unit. */
  firstDay(number: number): number
  /** The most days that one has. */
  readonly days: number
}

const months = (count: number): Pick<Unit, 'number' | 'firstDay'> => ({
  number: (day) => {
    const date = new Date(day * DAY_MS)
    return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / count)
  },
  firstDay: (number) =>
    new Date(0).setUTCFullYear(Math.floor((number * count) / 12), modulo(number * count, 12), 1) / DAY_MS,
})

const DAY_MS = 86_400_000
/** January 1, 1970 was a Thursday. */
const DAYS_FROM_MONDAY = 3

const units: Readonly<Record<CalendarUnit, Unit>> = {
  day: { number: (day) => day, firstDay: (number) => number, days: 1 },
  week: {
    number: (day) => Math.floor((day + DAYS_FROM_MONDAY) / 7),
    firstDay: (number) => number * 7 - DAYS_FROM_MONDAY,
    days: 7,
  },
  month: { ...months(1), days: 31 },
  quarter: { ...months(3), days: 92 },
  year: { ...months(12), days: 366 },
}

export const calendarUnits: readonly string[] = Object.keys(units)

/** The most days that a unit has. */
export function longestUnit(unit: CalendarUnit): number {
  return units[unit].days
}

/**
 * The instants (µs) at which units begin on a zone's clock, in order: from `before` units before the one that `first`
 * lies in, to the one that `last` lies in. A unit that the clock skips does not exist; one begins with its first
 * midnight, or at its first instant where that midnight does not exist.
 */
export function unitStarts(
  zone: string,
  unit: CalendarUnit,
  { first, last, before }: { readonly first: bigint; readonly last: bigint; readonly before: number },
): readonly bigint[] {
  const { number, firstDay } = units[unit]
  const startOf = (one: number): bigint => dayStart(zone, BigInt(firstDay(one)))
  const starts: bigint[] = []
  let reached = -1
  for (let one = number(Number(localDay(zone, last)) + 1); reached < before; one--) {
    const start = startOf(one)
    if (start > last || start === starts.at(-1)) continue
    starts.push(start)
    if (start <= first) reached++
  }
  return starts.toReversed()
}

function modulo(a: number, b: number): number {
  return a - Math.floor(a / b) * b
}
