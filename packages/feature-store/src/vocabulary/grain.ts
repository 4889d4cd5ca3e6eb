import type { FeaturePlan, Micros } from '../plan/feature-plan.ts'
import { gridOf, type ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'
import { greatestCommonDivisor } from '../plan/time/greatest-common-divisor.ts'
import { windowKind } from './windows/list.ts'
import { zoneStep } from '../plan/time/zone-step.ts'

/**
 * The length of one tile: the greatest length that divides the view's grid, windows and shifts, so that every
 * feature time and every window edge falls on a tile boundary. Local clocks shift by the zone's own step, mostly an
 * hour.
 */
export function grainOf(view: ViewPlan): Micros {
  const lengths = view.features.flatMap(windowLengths)
  const { every, zone } = gridOf(view)
  const start = zone === 'UTC' ? every : greatestCommonDivisor(every, zoneStep(zone))
  return lengths.reduce(greatestCommonDivisor, start)
}

function windowLengths(feature: FeaturePlan): readonly Micros[] {
  const kind = featureKind(feature)
  if (kind.stage !== 'facts') return []
  return kind.parts(feature).flatMap(({ window }) => windowKind(window).lengths?.(window) ?? [])
}
