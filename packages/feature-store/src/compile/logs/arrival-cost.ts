import type { ViewPlan } from '../../plan/view-plan.ts'
import { isNear, reachOf } from '../joins/near.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { Scope } from '../scope.ts'
import { windowFeatures, type WindowFeature } from '../window-feature.ts'

/**
 * Running an entry or a point through a log costs about as much as so many pairs of a point and an event
 * (bench/materialize/banking.ts).
 */
const PAIRS_PER_LOG_ROW = 10

/**
 * Compares, for one entity and one unit of time: a join makes points × events within reach pairs, logs sort events
 * and points for each edge. `perEntity` events lie over `span` microseconds.
 */
export function cheaperArrivals(
  view: ViewPlan,
  facts: { readonly perEntity: number; readonly span: number },
): Scope['arrivals'] {
  const near = windowFeatures(view.features).filter(isNear)
  if (near.length === 0) return 'logs'
  const edges = new Set(near.flatMap(edgesOf)).size
  const span = Math.max(facts.span, view.grid.every)
  const points = span / view.grid.every
  const within = facts.perEntity * Math.min(1, reachOf(near) / span)
  return points * within <= PAIRS_PER_LOG_ROW * edges * (facts.perEntity + points) ? 'join' : 'logs'
}

/** The edges of a feature's windows, in µs before T; one for a window that does not lie on tiles. */
function edgesOf({ parts }: WindowFeature): readonly number[] {
  return parts.flatMap(({ window }) => {
    const { span, reach } = windowKind(window)
    const place = span?.(window, 1)
    return place === undefined || place.width === null ? [reach(window) ?? 0] : [place.shift, place.shift + place.width]
  })
}
