import type { ViewPlan } from '../plan/view-plan.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { windowKind } from '../vocabulary/windows/list.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { isRanked } from './joins/plain.ts'
import { arrivalCosts, cheaperArrivals } from './logs/arrival-cost.ts'
import type { Scope } from './scope.ts'
import { windowFeatures } from './window-feature.ts'

/** How large the source of a view is. */
export interface SourceSize {
  readonly events: number
  readonly entities: number
  /** From the oldest event to the newest, µs. */
  readonly span: number
}

/** How the rows of a range are computed. */
export interface PlanChoice {
  /** Undefined: from tiles, by the distance of feature times. */
  readonly lookup: Scope['lookup'] | undefined
  readonly arrivals: Scope['arrivals']
  /** What the choice was made from, in one line. */
  readonly reason: string
}

/**
 * What one boundary of a tile costs an entity, in events that are aggregated for one feature time: running moments, and
 * one look back for every edge of a window (bench/materialize/plans.ts).
 */
const EVENTS_PER_BOUNDARY = 2

/**
 * The cheapest plan for so many feature times at once. All costs are in events aggregated for one feature time:
 *
 * - scan: events × feature times
 * - tiles: events + 2 × entities × boundaries that the windows and the feature times span
 * - with arrival times, no tiles: a join, or logs, whichever `arrivalCosts` says is cheaper
 */
export function choosePlan(view: ViewPlan, { events, entities, span }: SourceSize, instants: number): PlanChoice {
  const facts = { perEntity: events / Math.max(1, entities), span }
  const arrivals = cheaperArrivals(view, facts)
  const scanned = events * instants
  const other = (eventsOf(view.source)?.knownAt ?? null) === null ? tiles() : late()
  const scans = scanned <= other.steps && windowFeatures(view.features).every((feature) => !isRanked(feature))
  const costs = `${round(scanned)} steps by a scan, ${round(other.steps)} by ${other.name}`
  return scans
    ? { lookup: 'scan', arrivals, reason: `one scan of the events (${costs})` }
    : { lookup: undefined, arrivals, reason: `${other.name} (${costs})` }

  function tiles(): Alternative {
    return { name: 'tiles', steps: events + EVENTS_PER_BOUNDARY * entities * boundaries(view, instants) }
  }

  function late(): Alternative {
    const each = arrivalCosts(view, { ...facts, points: instants })
    return arrivals === 'join'
      ? { name: 'a join with the events', steps: events + entities * each.join }
      : { name: 'logs of arrivals', steps: entities * each.logs }
  }
}

interface Alternative {
  readonly name: string
  readonly steps: number
}

/** How many tile boundaries lie between the first edge of the first window and the last feature time. */
function boundaries(view: ViewPlan, instants: number): number {
  const reach = Math.max(
    0,
    ...windowFeatures(view.features).flatMap(({ parts }) =>
      parts.map(({ window }) => windowKind(window).reach(window) ?? 0),
    ),
  )
  return (reach + instants * view.grid.every) / grainOf(view)
}

/** Three significant digits: `1.82e8` as 182M. */
function round(steps: number): string {
  const units = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const
  const [size, unit] = units.find(([from]) => steps >= from) ?? [1, '']
  return `${Number((steps / size).toPrecision(3))}${unit}`
}
