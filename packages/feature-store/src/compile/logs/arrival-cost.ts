import { gridOf, type ViewPlan } from '../../plan/view-plan.ts'
import { isNear, reachOf } from '../joins/near.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { Scope } from '../scope.ts'
import { windowFeatures, type WindowFeature } from '../window-feature.ts'

/**
 * Running an entry or a point through a log costs about as much as so many pairs of a point and an event
 * (bench/materialize/banking.ts).
 */
const PAIRS_PER_LOG_ROW = 10

interface EntityFacts {
  /** Its events. */
  readonly perEntity: number
  /** From the oldest event to the newest, µs. */
  readonly span: number
}

/** Which is cheaper at all feature times that the events span. */
export function cheaperArrivals(view: ViewPlan, facts: EntityFacts): Scope['arrivals'] {
  const points = Math.max(1, facts.span / gridOf(view).every)
  const { join, logs } = arrivalCosts(view, { ...facts, points })
  return join <= logs ? 'join' : 'logs'
}

/**
 * What an entity costs at so many feature times, in pairs of a point and an event: a join makes points × events within
 * reach of them, logs sort events and points for each edge. Without a window of bounded reach there is no join.
 */
export function arrivalCosts(
  view: ViewPlan,
  { perEntity, span, points }: EntityFacts & { readonly points: number },
): { readonly join: number; readonly logs: number } {
  const near = windowFeatures(view.features).filter(isNear)
  const edges = Math.max(1, new Set(near.flatMap(edgesOf)).size)
  const logs = PAIRS_PER_LOG_ROW * edges * (perEntity + points)
  if (near.length === 0) return { join: Infinity, logs }
  const within = perEntity * Math.min(1, reachOf(near) / Math.max(span, gridOf(view).every))
  return { join: points * within, logs }
}

/** The edges of a feature's windows, in µs before T; one for a window that does not lie on tiles. */
function edgesOf({ parts }: WindowFeature): readonly number[] {
  return parts.flatMap(({ window }) => {
    const { span, reach } = windowKind(window)
    const place = span?.(window, 1)
    return place === undefined || place.width === null ? [reach(window) ?? 0] : [place.shift, place.shift + place.width]
  })
}
