import type { Micros } from '../plan/feature-plan.ts'
import { durationText } from '../plan/time/duration-text.ts'
import type { GridPlan, ViewPlan } from '../plan/view-plan.ts'
import { refuseClock } from './continuous.ts'
import { dayMicros, durationMicros, positiveMicros } from './duration.ts'
import { invalid, type Place } from './invalid-definition.ts'
import { knownZone } from './sources/zone.ts'

export interface TimingSpec {
  readonly every: string
  readonly delay?: string
  readonly ttl?: string
  readonly repair?: string
  readonly zone?: string
  readonly clock?: unknown
}

/** Checks and plans when a view has rows and how long they serve. `read` are the views that it reads. */
export function planTiming(
  spec: TimingSpec,
  place: Place,
  read: readonly ViewPlan[] = [],
): Pick<ViewPlan, 'delay' | 'ttl' | 'repair'> & { readonly grid: GridPlan } {
  refuseClock(spec, place)
  const every = gridStep(spec.every, place)
  const longest = Math.max(0, ...read.map(({ delay: its }) => its))
  const delay = spec.delay === undefined ? longest : durationMicros(spec.delay, 'delay', place)
  const ttl = spec.ttl === undefined ? null : positiveMicros(spec.ttl, 'ttl', place)
  if (ttl !== null && ttl < delay + every) {
    throw invalid(
      place,
      `ttl '${spec.ttl}' is shorter than delay + every, the age that a row reaches before the next one serves, so rows would be too old; ` +
        `make it at least ${delay === 0 ? `'${spec.every}'` : `'${spec.delay ?? durationText(delay)}' + '${spec.every}'`}`,
    )
  }
  const zone = spec.zone === undefined ? 'UTC' : knownZone(spec.zone, place)
  const own = durationMicros(spec.repair ?? '0h', 'repair', place)
  // What they may change of their rows has been read here; the newest rows of both are up to a step apart.
  const theirs = read.flatMap(({ repair }) => (repair === 0 ? [] : [repair + 2 * every]))
  return { grid: { every, zone }, delay, ttl, repair: Math.max(own, ...theirs) }
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
