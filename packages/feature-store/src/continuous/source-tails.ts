import { MartletError } from '@martlet/warehouse'
import type { TailWrite } from '../online/events/event-store.ts'
import type { IngestPlan } from '../plan/ingest-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { factOf } from './fact-of.ts'
import { isContinuous } from '../plan/view-plan.ts'
import { stateLayout } from './layout.ts'
import { tailWriter, type TypedValues } from './tail-writer.ts'

/** What the continuous views of a fact keep of its events. */
export type SourceTails = (events: readonly TypedValues[]) => readonly (readonly TailWrite[])[]

/**
 * Compiles for each source, by its name, what continuous views keep of its events; a source that feeds none is not among them.
 *
 * @throws MartletError INVALID_DEFINITION when two sources feed one continuous view, or a view needs more than the event itself
 * @example sourceTails([payments.plan], [velocity.plan]).get('payments')
 */
export function sourceTails(
  sources: readonly IngestPlan[],
  views: readonly ViewPlan[],
): ReadonlyMap<string, SourceTails> {
  const continuous = views.filter(isContinuous)
  const feeders = new Map<string, string>()
  return new Map(
    sources.flatMap(({ name, into }): readonly (readonly [string, SourceTails])[] => {
      const fed = continuous.filter((view) => isSameTable(factOf(view).table, into.table))
      for (const view of fed) {
        const other = feeders.get(view.name)
        if (other !== undefined) throw twoSources(view, other, name)
        feeders.set(view.name, name)
      }
      return fed.length === 0 ? [] : [[name, tailWriter(fed.map(stateLayout), into.columns)]]
    }),
  )
}

/** The source among some that events of a continuous view are pushed to. */
export function sourceOf(view: ViewPlan, sources: readonly IngestPlan[]): IngestPlan | undefined {
  return sources.find(({ into }) => isSameTable(factOf(view).table, into.table))
}

function isSameTable(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function twoSources({ name, source }: ViewPlan, one: string, other: string): MartletError {
  return new MartletError(
    'INVALID_DEFINITION',
    `${name} is continuous, and both ${one} and ${other} bring events of ${source?.table ?? 'its fact'}. ` +
      'Each counts its events by itself, so let one source bring them.',
    { data: { view: name, sources: [one, other] } },
  )
}
