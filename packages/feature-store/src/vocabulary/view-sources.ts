import type { LabelPlan } from '../plan/label-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { featureKind } from './features/list.ts'
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
  const own = viewsOf(view.source) === undefined ? view.source : null
  const sources = [own, view.population, ...joined].filter((source) => source !== null)
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

export function labelSources(label: LabelPlan): readonly SourceUse[] {
  return [{ definition: `label ${label.name}`, source: label.fact }]
}

/** What two declarations of a source have in common only when they are the same one; a table may be declared twice. */
export function sourceIdentity(source: SourcePlan): string {
  return JSON.stringify(source)
}
