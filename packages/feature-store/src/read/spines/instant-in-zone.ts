import { offsetAt } from '../../plan/time/grid.ts'
import { toMicros } from '../../catalog/instant.ts'

const NAMES_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/
const DAY_MS = 86_400_000

/**
 * A moment in µs; text that names no zone is read by the zone's clock. What the clock shows twice means the second
 * time, and what it skips is read with the offset from before, as in facts.
 * @throws MartletError INVALID_INSTANT when it is not a point in time
 */
export function instantInZone(given: Date | string, zone: string, what: string): bigint {
  const micros = toMicros(given, what)
  if (typeof given !== 'string' || zone === 'UTC' || NAMES_ZONE.test(given.trim())) return micros
  const shown = Number(micros / 1000n)
  const [before, after] = [offsetAt(zone, shown - DAY_MS), offsetAt(zone, shown + DAY_MS)]
  const later = shown - after
  const offset = offsetAt(zone, later) === after ? after : before
  return micros - BigInt(offset) * 1000n
}
