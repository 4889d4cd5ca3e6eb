import { gridOf, type ViewPlan } from '../../src/plan/view-plan.ts'
import type { CalendarUnit } from '../../src/plan/time/calendar-unit.ts'
import type { Value } from './row.ts'
import { DAY } from './mart.ts'

export function calendar(part: string, T: number, zone: string): Value {
  const parts = new Map(
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
    })
      .formatToParts(T / 1000)
      .map((one) => [one.type, Number(one.value)]),
  )
  const [year = 0, month = 0, day = 0] = [parts.get('year'), parts.get('month'), parts.get('day')]
  const date = new Date(Date.UTC(year, month - 1, day))
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay()
  switch (part) {
    case 'year':
      return year
    case 'quarter':
      return Math.ceil(month / 3)
    case 'month':
      return month
    case 'dayOfMonth':
      return day
    case 'dayOfYear':
      return Math.round((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1
    case 'dayOfWeek':
      return weekday
    case 'isWeekend':
      return weekday >= 6
    case 'hour':
      return parts.get('hour') ?? null
    default: {
      const thursday = new Date(date.getTime() + (4 - weekday) * 86_400_000)
      return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * 86_400_000)) + 1
    }
  }
}

/** The greatest grid instant T with T + delay <= t, by walking the local clock second by second boundaries. */
export function servedTime(view: ViewPlan, t: number): number {
  const { every, zone } = gridOf(view)
  const reach = t - view.delay
  if (zone === 'UTC') return Math.floor(reach / every) * every
  const step = 900_000_000
  for (let candidate = Math.floor(reach / step) * step; ; candidate -= step)
    if (onGrid(candidate, every, zone)) return candidate
}

const QUARTER = 900_000_000

/**
 * Days begin once: with their first midnight, or at the first instant of a later day. Of several days, the first that
 * the clock shows begins them.
 */
export function onGrid(instant: number, every: number, zone: string): boolean {
  const today = reachedDay(instant, zone)
  if (every >= DAY)
    return Math.floor(today / (every / DAY)) !== Math.floor(reachedDay(instant - QUARTER, zone) / (every / DAY))
  let start = instant
  while (reachedDay(start - QUARTER, zone) === today) start -= QUARTER
  return (instant - start) % every === 0
}

/** The first instant at which the clock has reached a day, counted from 1970-01-01. */
export function dayStart(day: number, zone: string): number {
  let instant = day * DAY - 64 * QUARTER
  while (reachedDay(instant, zone) < day) instant += QUARTER
  return instant
}

const reached = new Map<string, number>()

/**
 * The latest day that the clock has shown in the two hours before an instant and at it: a clock set back past
 * midnight does not undo the day.
 */
function reachedDay(instant: number, zone: string): number {
  const name = `${zone} ${instant}`
  const known =
    reached.get(name) ??
    Math.max(...Array.from({ length: 9 }, (_, back) => Math.floor(localMicros(instant - back * QUARTER, zone) / DAY)))
  reached.set(name, known)
  return known
}

/** How many units the clock shows after the one of an instant, up to the one of T; those that it skips do not count. */
export function unitsBack(instant: number, T: number, unit: CalendarUnit, zone: string): number {
  const seen = new Set<number>()
  for (let at = Math.floor(instant / QUARTER) * QUARTER; at <= T; at += QUARTER)
    seen.add(unitNumber(reachedDay(at, zone), unit))
  return seen.size - 1
}

/** The start of the unit that lies so many units before the one of T, by walking back from T. */
export function unitStart(T: number, back: number, unit: CalendarUnit, zone: string): number {
  const seen = new Set<number>()
  let start = T
  for (let at = Math.floor(T / QUARTER) * QUARTER; ; at -= QUARTER) {
    seen.add(unitNumber(reachedDay(at, zone), unit))
    if (seen.size > back + 1) return start
    start = at
  }
}

function unitNumber(day: number, unit: CalendarUnit): number {
  const date = new Date(day * 86_400_000)
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth()
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7)
    case 'month':
      return month
    case 'quarter':
      return Math.floor(month / 3)
    case 'year':
      return date.getUTCFullYear()
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** What a zone's clock shows, as if it were UTC. */
export function localMicros(instant: number, zone: string): number {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  clocks.set(zone, clock)
  const parts = new Map(clock.formatToParts(instant / 1000).map((one) => [one.type, Number(one.value)]))
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) * 1000
}
