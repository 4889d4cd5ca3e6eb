import { zoneOffset } from '@martlet/feature-store'
import type { SlotClock } from './schedule.ts'

const MINUTE = 60_000
const DAY = 86_400_000
/** January 5, 1970 was a Monday. */
const MONDAY = 4

/**
 * The slots in `(after, until]`, in milliseconds since the epoch, in order. A slot is a moment at which the zone's clock
 * shows one of the times. Of several times a day, one that is shown twice, because clocks go back, is two slots, and
 * one that is skipped is none, so that they stay equally far apart. A single time of a day is the first of two, and
 * where it is skipped, the moment at which the clocks change.
 */
export function slotsBetween(clock: SlotClock, after: number, until: number): readonly number[] {
  const { zone, times } = clock
  const slots = new Set<number>()
  if (until <= after) return []
  const first = localDay(zone, after) - 1
  const last = localDay(zone, until) + 1
  for (let day = first; day <= last; day++) {
    if (!isDay(clock, day)) continue
    const [before, later] = offsetsAround(zone, day)
    for (const time of times) {
      const wall = day * DAY + time * MINUTE
      const shown = before === later ? [wall - before] : momentsOf(zone, wall, before, later)
      const found = times.length > 1 ? shown : [shown.length > 0 ? Math.min(...shown) : changeOn(zone, day, wall)]
      for (const slot of found) if (slot !== undefined && slot > after && slot <= until) slots.add(slot)
    }
  }
  return [...slots].toSorted((a, b) => a - b)
}

/** The newest slot at or before an instant. */
export function newestSlot(clock: SlotClock, at: number): number {
  return seek((reach) => slotsBetween(clock, at - reach, at).at(-1), clock)
}

/** The first slot after an instant. */
export function nextSlot(clock: SlotClock, at: number): number {
  return seek((reach) => slotsBetween(clock, at, at + reach)[0], clock)
}

function seek(look: (reach: number) => number | undefined, { every }: SlotClock): number {
  for (let reach = every + DAY; ; reach *= 2) {
    const found = look(reach)
    if (found !== undefined) return found
  }
}

/** The day that a zone's clock shows, counted from January 1, 1970. */
export function localDay(zone: string, at: number): number {
  return Math.floor((at + zoneOffset(zone, at)) / DAY)
}

/** The minutes since midnight that a zone's clock shows. */
export function localMinute(zone: string, at: number): number {
  const local = at + zoneOffset(zone, at)
  return Math.floor((local - Math.floor(local / DAY) * DAY) / MINUTE)
}

/**
 * The first moment at which a zone's clock shows a day and time, or at which it skips it; undefined for a day that does
 * not exist.
 */
export function momentAt(zone: string, day: number, minute: number): number | undefined {
  const wall = day * DAY + minute * MINUTE
  const [before, later] = offsetsAround(zone, day)
  const shown = before === later ? [wall - before] : momentsOf(zone, wall, before, later)
  return shown.length > 0 ? Math.min(...shown) : changeOn(zone, day, wall)
}

function isDay({ days }: SlotClock, day: number): boolean {
  if (days.kind === 'all') return true
  return days.kind === 'weekday'
    ? (((day - MONDAY) % 7) + 7) % 7 === days.day
    : new Date(day * DAY).getUTCDate() === days.day
}

/** The offsets from UTC that hold well before and well after a day's clock times. */
function offsetsAround(zone: string, day: number): readonly [before: number, later: number] {
  return [zoneOffset(zone, day * DAY - DAY), zoneOffset(zone, day * DAY + 2 * DAY)]
}

function momentsOf(zone: string, wall: number, before: number, later: number): readonly number[] {
  return [wall - before, wall - later].filter((moment) => moment + zoneOffset(zone, moment) === wall)
}

/** The moment at which a clock jumps over a time of a day; undefined when it jumps over the whole day. */
function changeOn(zone: string, day: number, wall: number): number | undefined {
  let [low, high] = [wall - 2 * DAY, wall + 2 * DAY]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (middle + zoneOffset(zone, middle) < wall) low = middle
    else high = middle
  }
  return localDay(zone, low) < day && localDay(zone, high) > day ? undefined : high
}
