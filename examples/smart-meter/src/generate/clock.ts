import { zoneOffset } from '@martlet/feature-store'
import { DAY_MS, HALF_HOUR_MS, ZONE } from './world.ts'

const HOUR_MS = 3_600_000
const offsets = new Map<number, number>()

/** How far London's clock is ahead of UTC, in milliseconds; it changes at full hours only. */
function offsetAt(at: number): number {
  const hour = Math.floor(at / HOUR_MS)
  const known = offsets.get(hour)
  if (known !== undefined) return known
  const offset = zoneOffset(ZONE, hour * HOUR_MS)
  offsets.set(hour, offset)
  return offset
}

/** The instant, in milliseconds, at which a day of London begins; its clocks never skip midnight. */
export function startOf(day: number): number {
  const wall = day * DAY_MS
  const summer = wall - HOUR_MS
  return offsetAt(summer) === HOUR_MS ? summer : wall
}

/** The starts of the half-hours of a local day: 48, or 46 and 50 where clocks change. */
export function halfHoursOf(day: number): readonly number[] {
  const from = startOf(day)
  return Array.from({ length: (startOf(day + 1) - from) / HALF_HOUR_MS }, (_, i) => from + i * HALF_HOUR_MS)
}

/** The half-hour that the clock on the wall shows, 0 to 47. */
export function slotOf(at: number): number {
  return Math.floor(((((at + offsetAt(at)) % DAY_MS) + DAY_MS) % DAY_MS) / HALF_HOUR_MS)
}

/** `2026-03-29T02:30:00+01:00`, or without the offset. */
export function localText(at: number, withOffset: boolean): string {
  const offset = offsetAt(at)
  const wall = new Date(at + offset).toISOString().slice(0, 19)
  return withOffset ? `${wall}+0${offset / HOUR_MS}:00` : wall
}
