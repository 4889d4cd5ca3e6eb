import type { Micros } from '../plan/feature-plan.ts'
import { gridOf, type ViewPlan } from '../plan/view-plan.ts'
import { computedKeys } from '../vocabulary/sources/computed.ts'
import { eventsOf } from '../vocabulary/sources/list.ts'
import { windowKind } from '../vocabulary/windows/list.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { arrivalCosts, cheaperArrivals } from './logs/arrival-cost.ts'
import { isScanned } from './scan/scan.ts'
import type { Scope } from './scope.ts'
import { readsDimensions, readsNeighbours, windowFeatures, type WindowFeature } from './window-feature.ts'

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

/** What a row costs a scan for each feature, in aggregates of one event: its groups are found and joined. */
const PER_ROW = 5
/** What an event costs tiles for each column that is aggregated. */
const PER_TILED_EVENT = 12
/**
 * What an event costs to be put after the one before it, or beside rows of a dimension, for each time that the events
 * are read.
 */
const PER_SORTED_EVENT = 50
/** What joining feature times with the events of their windows costs, against scanning these events. */
const PER_JOINED = 2
/** What a boundary of a tile costs an entity for each feature: running moments, and a look back for each edge. */
const PER_BOUNDARY = 2

/**
 * The cheapest plan for so many feature times at once. All costs are in steps, one being one event in one aggregate; the
 * constants are measured by bench/materialize/plans.ts.
 *
 * - scan: feature times × (the aggregates of each window × the events in it + 5 × entities × features)
 * - tiles: 12 × events × columns + 2 × entities × features × boundaries that the windows and the feature times span
 * - windows that do not lie on tiles, such as local days: 2 × what a scan aggregates for them, by joining feature times
 *   with events
 * - with arrival times, no tiles: a join, or logs, whichever `arrivalCosts` says is cheaper, for each feature
 */
export function choosePlan(view: ViewPlan, size: SourceSize, instants: number): PlanChoice {
  const { events, entities, span } = size
  const features = windowFeatures(view.features)
  const facts = { perEntity: events / Math.max(1, entities), span }
  const arrivals = cheaperArrivals(view, facts)
  const sorted = PER_SORTED_EVENT * events * sortings(view, features)
  const scanned = instants * (aggregated(features, size) + PER_ROW * entities * features.length) + sorted
  const other = (eventsOf(view.source)?.knownAt ?? null) === null ? tiles() : late()
  const scans = scanned <= other.steps && features.every(isScanned)
  const costs = `${round(scanned)} steps by a scan, ${round(other.steps)} by ${other.name}`
  return scans
    ? { lookup: 'scan', arrivals, reason: `one scan of the events (${costs})` }
    : { lookup: undefined, arrivals, reason: `${other.name} (${costs})` }

  function tiles(): Alternative {
    const tiled = features.filter((feature) => liesOnTiles(feature, grainOf(view)))
    const joined = features.filter((feature) => !tiled.includes(feature))
    const columns = new Set(tiled.flatMap(({ parts }) => parts.flatMap(({ plan }) => [plan.column, plan.second])))
    columns.delete(undefined)
    const looked = PER_BOUNDARY * entities * tiled.length * boundaries(view, tiled, instants)
    const steps = PER_TILED_EVENT * events * columns.size + looked + Math.min(sorted, PER_SORTED_EVENT * events)
    return joined.length === 0
      ? { name: 'tiles', steps }
      : {
          name: tiled.length === 0 ? 'a join with the events' : 'tiles and a join with the events',
          steps: steps + PER_JOINED * instants * aggregated(joined, size),
        }
  }

  function late(): Alternative {
    const each = arrivalCosts(view, { ...facts, points: instants })
    return arrivals === 'join'
      ? { name: 'a join with the events', steps: features.length * (events + entities * each.join) }
      : { name: 'logs of arrivals', steps: features.length * entities * each.logs }
  }
}

/** How many windows a scan reads in the order of their events, or joined with a dimension. */
function sortings(view: ViewPlan, features: readonly WindowFeature[]): number {
  const events = eventsOf(view.source)
  if (events === undefined) return 0
  const joined = computedKeys(events, view.entity.name).length > 0
  const sorted = features
    .flatMap(({ parts }) => parts)
    .filter(({ plan }) => joined || readsNeighbours(events, plan) || readsDimensions(events, plan))
  return new Set(sorted.map(({ window }) => JSON.stringify(window))).size
}

interface Alternative {
  readonly name: string
  readonly steps: number
}

function liesOnTiles({ parts }: WindowFeature, grain: Micros): boolean {
  return parts.every(({ kind, window }) => {
    const { span, rows } = windowKind(window)
    return kind.merged !== undefined && (span?.(window, grain) !== undefined || rows !== undefined)
  })
}

/** The aggregates of each window × the events in it, at one feature time. */
function aggregated(features: readonly WindowFeature[], { events, span }: SourceSize): number {
  let steps = 0
  for (const { kind, window } of features.flatMap(({ parts }) => parts)) {
    const reach = windowKind(window).reach(window)
    steps += reach === null || kind.spans === true || span === 0 ? events : events * Math.min(1, reach / span)
  }
  return steps
}

/** How many tile boundaries lie between the first edge of the first window and the last feature time. */
function boundaries(view: ViewPlan, features: readonly WindowFeature[], instants: number): number {
  const reach = Math.max(
    0,
    ...features.flatMap(({ parts }) => parts.map(({ window }) => windowKind(window).reach(window) ?? 0)),
  )
  return (reach + instants * gridOf(view).every) / grainOf(view)
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
