import { canonicalHash } from '../../plan/canonical-json.ts'
import { isContinuous, type ViewPlan } from '../../plan/view-plan.ts'
import type { Moment } from '../../vocabulary/algebra/moments.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { computedKeys, tableColumns } from '../../vocabulary/sources/computed.ts'
import { eventsOf } from '../../vocabulary/sources/list.ts'
import { featureKind } from '../../vocabulary/features/list.ts'
import { grainOf } from '../../vocabulary/grain.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { inputOf, readsDimensions, readsNeighbours, windowFeatures } from '../window-feature.ts'
import type { MomentTable } from './moment-table.ts'

/**
 * What a view would read; undefined when its features are not made of tiles (another source, arrival times, events before, any
 * instant).
 */
export function momentTableOf(view: ViewPlan): MomentTable | undefined {
  const events = eventsOf(view.source)
  if (events === undefined || events.knownAt !== null || view.entity.keys.length === 0) return undefined
  if (isContinuous(view)) return undefined
  // What an event has of the one before it may change where a tile's own events do not.
  const parts = windowFeatures(view.features).flatMap((feature) => feature.parts)
  if (parts.some(({ plan }) => readsNeighbours(events, plan))) return undefined
  // A dimension's row that changes late would change tiles of events that have not changed.
  if (parts.some(({ plan }) => readsDimensions(events, plan))) return undefined
  if (computedKeys(events, view.entity.name).length > 0) return undefined
  const grain = grainOf(view)
  const { entity } = view
  // Columns of tiles name the expressions that they are of, and checks decide no value.
  const { computed: _, dimensions: __, checks: ___, ...fact } = events
  const base = `features_internal.moments_${canonicalHash([fact, entity, grain]).slice(0, 16)}`
  return { table: base, base, fact: events, entity, grain, moments: tileMomentsOf(view), checked: factColumns(view) }
}

/** The fact's columns that the view's features read, whatever plan computes them. */
function factColumns(view: ViewPlan): readonly string[] {
  const read = view.features.flatMap((feature) => featureKind(feature).reads(feature))
  const columns = read.flatMap((reading) => (reading.of === 'source' ? [reading.column] : []))
  return view.source === null ? [] : tableColumns(view.source, columns).toSorted()
}

/** The moments that tiles of a view's events must hold. */
export function tileMomentsOf(view: ViewPlan): readonly Moment[] {
  const events = eventsOf(view.source)
  if (events === undefined) return []
  const terms = new TermSet()
  terms.moment('count', terms.input(null, null, 'integer'))
  for (const { kind, plan, window } of windowFeatures(view.features).flatMap(({ parts }) => parts)) {
    const span = windowKind(window).span?.(window, grainOf(view))
    if (span === undefined || kind.merged === undefined) continue
    const input = inputOf(terms, events, plan)
    if (kind.merged.by !== 'moments') continue
    for (const moment of kind.merged.needs({ type: input.type, span })) terms.moment(moment, input)
  }
  return terms.tileMoments
}
