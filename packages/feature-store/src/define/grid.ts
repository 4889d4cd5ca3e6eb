import type { Micros } from '../plan/feature-plan.ts'
import type { GridPlan, ViewPlan } from '../plan/view-plan.ts'
import { dayMicros, durationMicros, positiveMicros } from './duration.ts'
import { invalid, type Place } from './invalid-definition.ts'
import { knownZone } from './sources/zone.ts'

export interface TimingSpec {
  readonly every: string
  readonly delay?: string
  readonly ttl?: string
  readonly repair?: string
  readonly zone?: string
}

/** Checks and plans when a view has rows and how long they serve. */
export function planTiming(
  spec: TimingSpec,
  place: Place,
): Pick<ViewPlan, 'delay' | 'ttl' | 'repair'> & { readonly grid: GridPlan } {
  const every = gridStep(spec.every, place)
  const delay = durationMicros(spec.delay ?? '0h', 'delay', place)
  const ttl = spec.ttl === undefined ? null : positiveMicros(spec.ttl, 'ttl', place)
  if (ttl !== null && ttl < delay + every) {
    throw invalid(
      place,
      `ttl '${spec.ttl}' is shorter than delay + every, the age that a row reaches before the next one serves, so rows would be too old; ` +
        `make it at least ${spec.delay === undefined ? `'${spec.every}'` : `'${spec.delay}' + '${spec.every}'`}`,
    )
  }
  const zone = spec.zone === undefined ? 'UTC' : knownZone(spec.zone, place)
  return { grid: { every, zone }, delay, ttl, repair: durationMicros(spec.repair ?? '0h', 'repair', place) }
}

/** The step of a grid, which divides a day evenly or is a whole number of days. */
export function gridStep(text: string, place: Place): Micros {
  const every = positiveMicros(text, 'every', place)
  if (dayMicros % every !== 0 && every % dayMicros !== 0) {
    throw invalid(
      place,
      `every '${text}' neither divides a day evenly nor is a whole number of days; write 5m, 15m, 1h, 6h, 12h, 1d, 1w or the like`,
    )
  }
  return every
}
