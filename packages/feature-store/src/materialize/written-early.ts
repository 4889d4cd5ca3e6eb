import { clockNow, instantText, toMicros } from '../catalog/instant.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ViewState } from '../catalog/view-state.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { CLOCK_SKEW } from './clock.ts'
import { writerOf } from './writers/writer-of.ts'
import { closedBefore } from './survey.ts'

/**
 * The first feature time whose row was written before the clock had closed it, as by a run whose `now` lay in the
 * future. Such rows lack the facts that came later, even after the clock has passed them. Undefined when there are
 * none.
 */
export async function writtenEarly(
  { db }: Catalog,
  view: ViewPlan,
  hash: string,
  state: ViewState,
): Promise<bigint | undefined> {
  const { covered, pending } = state
  if (covered === null || covered.hash !== hash) return undefined
  const closed = closedBefore(view, clockNow() + CLOCK_SKEW)
  if (!writerOf(view).ownTable) return covered.watermark > closed ? closedBefore(view, clockNow()) : undefined
  const underWay = pending?.hash === hash && pending.phase === 'writing' && pending.to > closed
  const chunks = db
    .selectFrom('checkpoints')
    .innerJoin('runs', 'runs.id', 'checkpoints.run_id')
    .select(['checkpoints.from_time', 'checkpoints.to_time', 'runs.started_at'])
    .where('checkpoints.view', '=', view.name)
    .where('checkpoints.hash', '=', hash)
  const early = ({ to_time, started_at }: { readonly to_time: string; readonly started_at: string }): boolean =>
    toMicros(to_time) > closedBefore(view, toMicros(started_at) + CLOCK_SKEW)
  // The newest of the chunks that reach the watermark shows whether one was early; only then are all of them read.
  const reached = (await chunks.where('checkpoints.to_time', '=', instantText(covered.watermark)).execute())
    .toSorted((a, b) => (a.started_at < b.started_at ? -1 : 1))
    .at(-1)
  if (covered.watermark <= closed && !underWay && (reached === undefined || !early(reached))) return undefined
  let first = covered.watermark < closed ? covered.watermark : closed
  for (const chunk of (await chunks.execute()).filter(early)) {
    const from = toMicros(chunk.from_time)
    const then = closedBefore(view, toMicros(chunk.started_at))
    const start = from > then ? from : then
    if (start < first) first = start
  }
  return first
}

/**
 * The state of a view without its rows from `back` on. What is stored online counts as not published, so the next
 * publication replaces all of it.
 */
export function withoutEarly(state: ViewState, back: bigint): ViewState {
  const { covered, unpublishedFrom } = state
  const left = covered === null || covered.since >= back ? null : { ...covered, watermark: back }
  return {
    ...state,
    covered: left,
    pending: null,
    publishedHash: null,
    unpublishedFrom: unpublishedFrom !== null && unpublishedFrom < back ? unpublishedFrom : back,
  }
}
