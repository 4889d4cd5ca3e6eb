import type { Micros } from '../feature-plan.ts'
import { greatestCommonDivisor } from './greatest-common-divisor.ts'
import { offsetAt } from './grid.ts'

const TEN_DAYS_MS = 864_000_000
const DAY: Micros = 86_400_000_000
const steps = new Map<string, Micros>()

/** The greatest length that divides every offset from UTC that a zone has had since 1970: an hour for most of them. */
export function zoneStep(zone: string): Micros {
  const known = steps.get(zone)
  if (known !== undefined) return known
  let step = DAY
  const end = Date.UTC(2040, 0, 1)
  for (let ms = 0; ms < end; ms += TEN_DAYS_MS) step = greatestCommonDivisor(step, Math.abs(offsetAt(zone, ms)) * 1000)
  steps.set(zone, step)
  return step
}

/**
 * Whether a feature time lies between tile boundaries, as with local clocks before they were set to whole hours of
 * UTC.
 */
export function areOffTiles(instants: readonly bigint[], grain: Micros): boolean {
  return instants.some((t) => t % BigInt(grain) !== 0n)
}
