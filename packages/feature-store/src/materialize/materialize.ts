import { randomUUID } from 'node:crypto'
import { MartletError, waitWhile } from '@martlet/warehouse'
import { defaultActor } from '../catalog/audit.ts'
import { currentView } from '../catalog/definitions.ts'
import { instantText, toMicros } from '../catalog/instant.ts'
import { type KeptDefinition } from '../catalog/kept-definitions.ts'
import { readViewState } from '../catalog/view-state.ts'
import { acquireLease, type Lease } from '../catalog/lease.ts'
import { isContinuous, type ViewPlan } from '../plan/view-plan.ts'
import type { MaterializeEvent } from './events.ts'
import { refuseFuture } from './clock.ts'
import { checkSources } from './check-sources.ts'
import { FailedViews } from './failed-views.ts'
import { drainFirst } from './drain-first.ts'
import { sourcePlans, viewPlans, type MaterializeOptions } from './options.ts'
import { isLeaseHeld, keepRows, keptFailed } from './keep-rows.ts'
import { planView, type PlannedView } from './plan-materialization.ts'
import { dropOtherMoments } from './refresh-moments.ts'
import { reportStep } from './report-step.ts'
import { closeRun, openRun, runView, type MaterializedView, type PlannedRun } from './run-view.ts'
import { dropFormer, takeOverNames } from './take-over-names.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { endSwap, type ViewRun } from './view-run.ts'
import { writerOf } from './writers/writer-of.ts'
import { viewStages } from './order.ts'
import { withMoments } from './with-moments.ts'

/**
 * Brings views up to date: computes the closed instants that are missing or may have changed, writes them in chunks
 * that readers see whole or not at all, moves the watermark, then publishes the newest row of every entity.
 *
 * If the process is killed at any moment, the same call ends in the same tables and the same online store.
 * A view that fails does not stop the others; those that read its rows are skipped. Of one view its own error is
 * thrown, of several views MATERIALIZE_FAILED.
 * @throws MartletError QUALITY_FAILED when a check of source rows is an error; nothing of the view is written then
 * @throws MartletError SOURCE_MISSING when a table that the view reads does not exist
 * @throws MartletError SOURCE_MISMATCH when a column does not exist, or has another type
 * @throws MartletError LEASE_HELD when another process is materializing the view
 * @throws MartletError LEASE_LOST when another process has taken over the view
 * @throws MartletError DEFINITION_NOT_APPLIED when the catalog has another definition of the view
 * @throws MartletError MATERIALIZE_GAP when the range would leave a hole in the feature table
 * @throws MartletError MATERIALIZE_FROM_NEEDED when a calendar view has nothing to begin with
 * @throws MartletError MATERIALIZE_FAILED when some of several views failed; the message lists them
 * @throws MartletError KEPT_FAILED when all views are up to date, but not the older definitions that are kept for live models
 * @throws MartletError DEFINITION_CONFLICT when two different views share a name
 * @throws MartletError INVALID_INSTANT when `from`, `to` or `now` is not a point in time
 * @throws MartletError AHEAD_OF_CLOCK when `now` or `to` lies more than five minutes in the future, unless `allowFuture` is set
 * @throws MartletError CANCELLED when `signal` is aborted
 */
export async function materialize(options: MaterializeOptions): Promise<readonly MaterializedView[]> {
  refuseFuture(options)
  const views = distinct(viewPlans(options.views))
  const actor = options.actor ?? defaultActor()
  checkInstants(options)
  const places = { ...options, actor }
  const older: MaterializedView[] = []
  const failures: { readonly kept: KeptDefinition; readonly error: unknown }[] = []
  const agreed: ViewPlan[] = []
  for (const view of views) if ((await otherApplied(options, view)) === undefined) agreed.push(view)
  // Older definitions come first, so that live models have their own rows before the view's are replaced.
  for (const kept of await keepRows(places, agreed, options.models)) {
    const { from: _, to: __, ...whole } = options
    try {
      older.push(...(await materializeViews({ ...whole, quality: false }, [kept.stored], actor)))
    } catch (error) {
      if (options.signal?.aborted === true) throw error
      // If the lease is held, another process is bringing it up to date.
      if (!isLeaseHeld(error)) failures.push({ kept, error })
    }
  }
  const done = await materializeViews(options, views, actor)
  if (failures.length > 0) throw keptFailed(failures)
  return [...done, ...older]
}

/** What a call has done so far in all its stages. */
interface Progress {
  readonly views: readonly ViewPlan[]
  readonly actor: string
  readonly failures: FailedViews
  readonly done: Map<string, MaterializedView>
  /** The checks that views of all stages so far have. */
  readonly known: Set<string>
  /** The views of the stages to come. */
  readonly later: readonly ViewPlan[]
}

async function materializeViews(
  options: MaterializeOptions,
  views: readonly ViewPlan[],
  actor: string,
): Promise<readonly MaterializedView[]> {
  const progress = {
    views,
    actor,
    failures: new FailedViews(options),
    done: new Map<string, MaterializedView>(),
    known: new Set<string>(),
  }
  const stages = viewStages(views)
  for (const [i, stage] of stages.entries())
    await materializeStage(options, stage, { ...progress, later: stages.slice(i + 1).flat() })
  const done = views.flatMap(({ name }) => progress.done.get(name) ?? [])
  progress.failures.throwIfAny(views, done)
  return done
}

async function materializeStage(
  options: MaterializeOptions,
  stage: readonly ViewPlan[],
  { views, actor, failures, done, known, later }: Progress,
): Promise<void> {
  const leases: Lease[] = []
  const planned: PlannedRun[] = []
  let stopped: unknown
  try {
    for (const view of stage) {
      await failures.attempt(view, async () => {
        await refuseOther(options, view)
        const lease = await waitWhile('LEASE_HELD', options.wait, () => acquireLease(options.catalog, view.name, actor))
        leases.push(lease)
        const run: ViewRun = {
          catalog: options.catalog,
          warehouse: options.warehouse,
          lease,
          view,
          hash: tableHash(view),
          run: randomUUID(),
          actor,
        }
        await endSwap(run)
        await takeOverNames(run)
        await refuseUncertainStart(options, view, failures)
        // The first drain makes the table of the fact.
        if (isContinuous(view)) await drainFirst({ ...options, sources: sourcePlans(options.sources) }, view)
        const plan = await reportStep(options.onProgress, { view: view.name, step: 'plan' }, () =>
          planView(
            options,
            view,
            planned.map((one) => one.planned),
          ),
        )
        planned.push({ planned: withoutStore(options, plan), run })
      })
    }
    for (const one of planned) options.onProgress?.(planEvent(one.planned))
    const busy = planned.filter(({ planned: { work } }) => work.action !== 'nothing')
    for (const one of busy) await failures.attempt(one.run.view, () => openRun(one))
    const findings = await checkSources(options, planned, { failures, views, known, later })
    const { compile, stale, moments } = await withMoments(options, planned, views, { failures, done })
    for (const one of planned) {
      await failures.attempt(one.run.view, async () => {
        const result = await runView(options, compile, one, findings.get(one.run.view.name) ?? [], stale)
        await dropFormer(one.run, options.online)
        options.onProgress?.(doneEvent(result))
        done.set(result.view, result)
      })
    }
    // After a failure this would fail too, with another error; the next run that succeeds does it.
    if (busy.length > 0 && !failures.some) await dropOtherMoments(options.warehouse, moments)
  } catch (error) {
    stopped = error
    throw error
  } finally {
    // The record of a run that has already ended stays as it is.
    for (const { run } of planned) await closeRun(run, failures.error(run.view) ?? stopped)
    for (const lease of leases) await lease.release()
  }
}

/** A calendar begins with the other views. If one of them has failed, its first run would begin too late for good. */
async function refuseUncertainStart(
  { catalog, from }: MaterializeOptions,
  view: ViewPlan,
  failures: FailedViews,
): Promise<void> {
  const because = failures.first
  if (because === undefined || view.source !== null || from !== undefined) return
  if ((await readViewState(catalog.db, view.name)).covered === null) {
    throw new MartletError(
      'VIEW_SKIPPED',
      `${view.name}: skipped, because its first run begins with the other views, and ${because} failed.`,
      { data: { view: view.name, because } },
    )
  }
}

/** Refuses instants that are wrong for every view, before any view begins. */
function checkInstants({ from, to, now }: MaterializeOptions): void {
  for (const [what, instant] of Object.entries({ from, to, now })) if (instant !== undefined) toMicros(instant, what)
}

function distinct(views: readonly ViewPlan[]): readonly ViewPlan[] {
  const byName = new Map<string, ViewPlan>()
  for (const view of views) {
    const other = byName.get(view.name)
    if (other !== undefined && other.hash !== view.hash)
      throw new MartletError('DEFINITION_CONFLICT', `Two different views are called ${view.name}. Rename one.`, {
        data: { view: view.name },
      })
    byName.set(view.name, view)
  }
  return [...byName.values()]
}

// An old checkout that still runs on a schedule must not rebuild what a newer one has applied.
async function refuseOther(options: MaterializeOptions, view: ViewPlan): Promise<void> {
  const applied = await otherApplied(options, view)
  if (applied === undefined) return
  throw new MartletError(
    'DEFINITION_NOT_APPLIED',
    `View ${view.name} is defined differently here than in the catalog, ` +
      `where ${applied.appliedBy} applied revision ${applied.revision} at ${applied.appliedAt}. ` +
      'Apply these definitions first, or run the newer code.',
    { data: { view: view.name, applied: applied.hash, given: view.hash } },
  )
}

async function otherApplied({ catalog }: MaterializeOptions, view: ViewPlan): ReturnType<typeof currentView> {
  const applied = await currentView(catalog.db, view.name)
  return applied === undefined || applied.hash === view.hash ? undefined : applied
}

function withoutStore(options: MaterializeOptions, planned: PlannedView): PlannedView {
  if (writerOf(planned.view).ownTable || options.online !== undefined || planned.work.action === 'nothing')
    return planned
  return {
    ...planned,
    work: {
      action: 'nothing',
      reason: 'its rows are in its source table, and no online store was given to publish to',
    },
    instants: 0,
    estimatedRows: 0,
  }
}

function planEvent({ view, work, instants, estimatedRows, choice }: PlannedView): MaterializeEvent {
  const range =
    work.action === 'write' || work.action === 'rebuild'
      ? { from: instantText(work.start), to: instantText(work.to) }
      : { from: null, to: null }
  const by = choice?.reason ?? null
  return {
    type: 'plan',
    view: view.name,
    action: work.action,
    reason: work.reason,
    ...range,
    instants,
    estimatedRows,
    by,
  }
}

function doneEvent(done: MaterializedView): MaterializeEvent {
  const { view, rows, published, seconds } = done
  return {
    type: 'done',
    view,
    rows,
    published,
    newest: done.newest === null ? null : instantText(done.newest),
    watermark: done.watermark === null ? null : instantText(done.watermark),
    seconds,
  }
}
