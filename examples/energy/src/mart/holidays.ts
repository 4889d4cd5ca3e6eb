import { columnBatch, type ColumnBatch } from '@martlet/warehouse'
import { MILLIS_PER_DAY } from './options.ts'

/** The days after the last reading whose holidays the mart knows. */
export const HOLIDAYS_AHEAD = 366

/** The places whose holidays are known here. */
export type HolidayPlace = keyof typeof places

interface Holiday {
  readonly epochDay: number
  readonly name: string
}

/** Rows of mart.dim_holiday for the days `[fromDay, toDay)`, counted from the epoch, in the order of their dates. */
export function holidayRows(place: HolidayPlace, fromDay: number, toDay: number): ColumnBatch {
  const yearOf = (epochDay: number): number => new Date(epochDay * MILLIS_PER_DAY).getUTCFullYear()
  const years = Array.from({ length: Math.max(0, yearOf(toDay) - yearOf(fromDay) + 1) }, (_, i) => yearOf(fromDay) + i)
  const days = years
    .flatMap((year) => places[place](year))
    .filter(({ epochDay }) => epochDay >= fromDay && epochDay < toDay)
  return columnBatch({
    date: { type: 'date', values: days.map(({ epochDay }) => epochDay) },
    name: { type: 'text', values: days.map(({ name }) => name) },
  })
}

const SUNDAY = 0
const MONDAY = 1
const THURSDAY = 4

const places = {
  /** Public rest days of the canton of Zurich: Ruhetags- und Ladenöffnungsgesetz, LS 822.4, § 1. */
  zurich: (year: number): readonly Holiday[] => {
    const easter = easterSunday(year)
    return [
      { epochDay: dayOf(year, 1, 1), name: "New Year's Day" },
      { epochDay: easter - 2, name: 'Good Friday' },
      { epochDay: easter + 1, name: 'Easter Monday' },
      { epochDay: dayOf(year, 5, 1), name: 'Labour Day' },
      { epochDay: easter + 39, name: 'Ascension Day' },
      { epochDay: easter + 50, name: 'Whit Monday' },
      { epochDay: dayOf(year, 8, 1), name: 'National Day' },
      { epochDay: dayOf(year, 12, 25), name: 'Christmas Day' },
      { epochDay: dayOf(year, 12, 26), name: "St Stephen's Day" },
    ]
      .toSorted((a, b) => a.epochDay - b.epochDay)
      .filter(({ epochDay }, i, all) => epochDay !== all[i - 1]?.epochDay)
  },
  /**
   * The additional off-peak days of the North American Electric Reliability Corporation (NERC), which American grids go by:
   * those of a Sunday are kept on the Monday after it.
   */
  unitedStates: (year: number): readonly Holiday[] => [
    { epochDay: notOnSunday(dayOf(year, 1, 1)), name: "New Year's Day" },
    { epochDay: lastWeekday(year, 5, MONDAY), name: 'Memorial Day' },
    { epochDay: notOnSunday(dayOf(year, 7, 4)), name: 'Independence Day' },
    { epochDay: nthWeekday(year, 9, MONDAY, 1), name: 'Labor Day' },
    { epochDay: nthWeekday(year, 11, THURSDAY, 4), name: 'Thanksgiving Day' },
    { epochDay: notOnSunday(dayOf(year, 12, 25)), name: 'Christmas Day' },
  ],
}

function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / MILLIS_PER_DAY
}

function weekdayOf(epochDay: number): number {
  return new Date(epochDay * MILLIS_PER_DAY).getUTCDay()
}

function notOnSunday(epochDay: number): number {
  return weekdayOf(epochDay) === SUNDAY ? epochDay + 1 : epochDay
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): number {
  const first = dayOf(year, month, 1)
  return first + ((weekday - weekdayOf(first) + 7) % 7) + 7 * (nth - 1)
}

function lastWeekday(year: number, month: number, weekday: number): number {
  const last = dayOf(year, month + 1, 0)
  return last - ((weekdayOf(last) - weekday + 7) % 7)
}

/**
 * Easter of the Gregorian calendar: the Sunday after the full moon of the lunar cycle's year that falls on March 21 or later.
 */
function easterSunday(year: number): number {
  const century = Math.floor(year / 100)
  const golden = year % 19
  const moon = (19 * golden + century - Math.floor(century / 4) - Math.floor((8 * century + 13) / 25) + 15) % 30
  // The last two days of a cycle count as one earlier, so that no two years of a cycle share a date.
  const days = moon === 29 || (moon === 28 && golden > 10) ? moon - 1 : moon
  const fullMoon = dayOf(year, 3, 21) + days
  return fullMoon + 7 - weekdayOf(fullMoon)
}
