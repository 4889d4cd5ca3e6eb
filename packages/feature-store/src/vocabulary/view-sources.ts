import type { LabelPlan } from '../plan/label-plan.ts'
import type { EntityPlan, SourcePlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'
import { outcomeKind } from './outcomes/list.ts'
import { computedKeys, dimensionUses } from './sources/computed.ts'
import { eventsOf, viewsOf } from './sources/list.ts'

/** A source that a definition reads. */
export interface SourceUse {
  /** Such as `view customer_usage`. */
  readonly definition: string
  readonly source: SourcePlan
}

/** The tables that a view's rows are computed from, those of the views that it reads too, each declaration once. */
export function viewSources(view: ViewPlan): readonly SourceUse[] {
  const read = viewsOf(view.source)?.views ?? []
  const uses = [...ownSources(view), ...read.flatMap(viewSources)]
  return [...new Map(uses.toReversed().map((use) => [sourceIdentity(use.source), use])).values()].toReversed()
}

/** As {@link viewSources}, without those of the views that it reads. */
export function ownSources(view: ViewPlan): readonly SourceUse[] {
  const joined = view.features.flatMap((feature) =>
    featureKind(feature)
      .reads(feature)
      .flatMap((reading) => (reading.of === 'table' ? [reading.table] : [])),
  )
  const source = viewsOf(view.source) === undefined ? view.source : null
  const tables = [source, view.population, ...joined].filter((one) => one !== null)
  const own = sourceColumnsRead(view)
  const sources = tables.flatMap((one) => [one, ...dimensionsRead(one, one === view.source ? own : [], view.entity)])
  const distinct = new Map(sources.map((source) => [sourceIdentity(source), source]))
  return [...distinct.values()].map((source) => ({ definition: `view ${view.name}`, source }))
}

/** The view whose events rows are made of: itself, or the first of those that it reads; undefined without events. */
export function viewOfEvents(view: ViewPlan): ViewPlan | undefined {
  if (eventsOf(view.source) !== undefined) return view
  for (const read of viewsOf(view.source)?.views ?? []) {
    const found = viewOfEvents(read)
    if (found !== undefined) return found
  }
  return undefined
}

/** The views that a view reads, those that they read too. */
export function readBy(view: ViewPlan): readonly ViewPlan[] {
  return (viewsOf(view.source)?.views ?? []).flatMap((read) => [read, ...readBy(read)])
}

/** The columns of its source that a view's features read. */
export function sourceColumnsRead(view: ViewPlan): readonly string[] {
  return view.features.flatMap((feature) =>
    featureKind(feature)
      .reads(feature)
      .flatMap((reading) => (reading.of === 'source' ? [reading.column] : [])),
  )
}

export function labelSources(label: LabelPlan): readonly SourceUse[] {
  const read = outcomeKind(label.aggregate).reads(label.aggregate)
  const dimensions = dimensionsRead(label.fact, read, label.entity)
  return [label.fact, ...dimensions].map((source) => ({ definition: `label ${label.name}`, source }))
}

/** The dimensions that columns of events, or the keys of an entity, come from. */
export function dimensionsRead(
  source: SourcePlan,
  columns: readonly string[],
  entity: EntityPlan,
): readonly SourcePlan[] {
  return dimensionUses(source, [...columns, ...computedKeys(source, entity.name)]).map(({ dimension }) => dimension)
}

/** What two declarations of a source have in common only when they are the same one; a table may be declared twice. */
export function sourceIdentity(source: SourcePlan): string {
  return JSON.stringify(source)
}
