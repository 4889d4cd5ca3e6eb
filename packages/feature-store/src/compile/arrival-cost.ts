import type { ViewPlan } from '../plan/view-plan.ts'
import { isNear, reachOf } from './near-values.ts'
import type { Scope } from './scope.ts'

/** Running an entry or a point through a log costs about as much as so many pairs of a point and an event (bench/materialize/banking.ts). */
const PAIRS_PER_LOG_ROW = 10

/**
 * Compares, for one entity and one unit of time: a join makes points × events within reach pairs, logs sort events and points for each edge.
 * `perEntity` events lie over `span` microseconds.
 */
export function cheaperArrivals(
  view: ViewPlan,
  facts: { readonly perEntity: number; readonly span: number },
): Scope['arrivals'] {
  const near = view.features.filter((feature) => feature.kind === 'aggregate').filter(isNear)
  if (near.length === 0) return 'logs'
  const edges = new Set(near.flatMap(({ window }) => [window.shift, window.shift + window.length])).size
  const span = Math.max(facts.span, view.grid.every)
  const points = span / view.grid.every
  const within = facts.perEntity * Math.min(1, reachOf(near) / span)
  return points * within <= PAIRS_PER_LOG_ROW * edges * (facts.perEntity + points) ? 'join' : 'logs'
}
