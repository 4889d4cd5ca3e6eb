import type { FeaturePlan, Micros } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

const QUARTER_HOUR: Micros = 900_000_000

/**
 * The length of one tile: the greatest length that divides the view's grid, windows and shifts, so that every
 * feature time and every window edge falls on a tile boundary. Zones shift by quarter hours at the finest.
 */
export function grainOf(view: ViewPlan): Micros {
  const lengths = view.features.flatMap(windowLengths)
  const start = view.grid.zone === 'UTC' ? view.grid.every : greatestCommonDivisor(view.grid.every, QUARTER_HOUR)
  return lengths.reduce(greatestCommonDivisor, start)
}

function windowLengths(feature: FeaturePlan): readonly Micros[] {
  if (feature.kind !== 'aggregate' || feature.window.kind !== 'time') return []
  return [feature.window.length, feature.window.shift]
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
