import { randomUUID } from 'node:crypto'
import { MartletError } from '@martlet/warehouse'
import { defaultActor } from '../catalog/audit.ts'
import { currentDefinitions, currentView } from '../catalog/definitions.ts'
import { instantText } from '../catalog/instant.ts'
import { acquireLease, type Lease } from '../catalog/lease.ts'
import type { MomentTable } from '../compile/moment-table.ts'
import type { Scope } from '../compile/scope.ts'
import { compileViewRows } from '../compile/view-sql.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import type { MaterializeEvent } from './events.ts'
import { arrivalPlan } from './arrival-plan.ts'
import { refuseFuture } from './clock.ts'
import { checkSources } from './check-sources.ts'
import { viewPlans, type CompileRows, type MaterializeOptions } from './options.ts'
import { planView, type PlannedView } from './plan-materialization.ts'
import { dropOtherMoments, lookback, refreshMoments, sharedMoments } from './refresh-moments.ts'
import { openRun, runView, type MaterializedView, type PlannedRun } from './run-view.ts'
import { tableHash } from '../catalog/table-hash.ts'
import { endSwap, type ViewRun } from './view-run.ts'
import { viewStages } from './view-stages.ts'

/**
 * Brings views up to date: computes the closed instants that are missing or may have changed, writes them in chunks that
 * readers see whole or not at all, moves the watermark, then publishes the newest row of every entity.
 *
 * Killed at any moment, the same call made again ends in the same tables and the same online store.
 * @throws MartletError QUALITY_FAILED before anything is written, SOURCE_MISSING, SOURCE_MISMATCH, LEASE_HELD, DEFINITION_NOT_APPLIED, MATERIALIZE_GAP, AHEAD_OF_CLOCK, CANCELLED
 */
export async function materialize(options: MaterializeOptions): Promise<readonly MaterializedView[]> {
  refuseFuture(options)
  const views = distinct(viewPlans(options.views))
  const done = new Map<string, MaterializedView>()
  for (const stage of viewStages(views)) for (const one of await materializeStage(options, stage)) done.set(one.view, one)
  return views.flatMap(({ name }) => done.get(name) ?? [])
}

async function materializeStage(options: MaterializeOptions, views: readonly ViewPlan[]): Promise<readonly MaterializedView[]> {
  const actor = options.actor ?? defaultActor()
  const leases: Lease[] = []
  try {
    const planned: PlannedRun[] = []
    for (const view of views) {
      await refuseOther(options, view)
      const lease = await acquireLease(options.catalog, view.name, actor)
      leases.push(lease)
      const run: ViewRun = { catalog: options.catalog, warehouse: options.warehouse, lease, view, hash: tableHash(view), run: randomUUID(), actor }
      await endSwap(run)
      planned.push({ planned: withoutStore(options, await planView(options, view, planned.map((one) => one.planned))), run })
    }
    for (const one of planned) options.onProgress?.(planEvent(one.planned))
    const busy = planned.filter(({ planned: { work } }) => work.action !== 'nothing')
    for (const one of busy) await openRun(one)
    const findings = await checkSources(options, busy)
    const { compile, prepare, moments } = await withMoments(options, planned)
    const done: MaterializedView[] = []
    for (const one of planned) {
      const result = await runView({ ...options, prepare }, compile, one, findings.get(one.run.view.name) ?? [])
      options.onProgress?.(doneEvent(result))
      done.push(result)
    }
    if (busy.length > 0) await dropOtherMoments(options.warehouse, moments)
    return done
  } finally {
    for (const lease of leases) await lease.release()
  }
}

/**
 * Rows are computed from stored tiles that all applied views share; every chunk brings them up to date first. Rows that are
 * computed for the first time, or again because somebody asked for it, must not rest on tiles from before facts changed.
 */
async function withMoments(options: MaterializeOptions, planned: readonly PlannedRun[]): Promise<{ readonly compile: CompileRows; readonly prepare: NonNullable<MaterializeOptions['prepare']>; readonly moments: readonly MomentTable[] }> {
  const views = planned.map(({ run }) => run.view)
  const anew = new Map(planned.flatMap(({ planned: { view, work, state } }): [string, bigint][] =>
    work.action === 'rebuild' || (work.action === 'write' && (state.covered === null || options.from !== undefined)) ? [[view.name, work.start]] : []))
  const stored = (await currentDefinitions(options.catalog.db)).flatMap((definition) => (definition.kind === 'view' ? [definition.plan] : []))
  const applied = stored.filter((view) => views.every((own) => own.name !== view.name))
  const tables = sharedMoments([...applied, ...views])
  const arrivals = new Map<string, Scope['arrivals'] | undefined>()
  for (const { planned: { view, work } } of planned) if (work.action === 'write' || work.action === 'rebuild') arrivals.set(view.name, await arrivalPlan(options.warehouse, view))
  return {
    moments: views.flatMap(({ name }) => tables.get(name) ?? []),
    compile: options.compile ?? ((warehouse, view, range) => compileViewRows(warehouse, view, range, { moments: tables.get(view.name), arrivals: arrivals.get(view.name) })),
    prepare: async (warehouse, view, chunk) => {
      const table = tables.get(view.name)
      if (table !== undefined && options.compile === undefined) {
        const back = anew.get(view.name) === chunk.from ? lookback(view) : BigInt(view.grid.every)
        await refreshMoments(warehouse, table, back, chunk)
      }
      await options.prepare?.(warehouse, view, chunk)
    },
  }
}

function distinct(views: readonly ViewPlan[]): readonly ViewPlan[] {
  const byName = new Map<string, ViewPlan>()
  for (const view of views) {
    const other = byName.get(view.name)
    if (other !== undefined && other.hash !== view.hash) throw new MartletError('DEFINITION_CONFLICT', `two different views are called ${view.name}; rename one`, { data: { view: view.name } })
    byName.set(view.name, view)
  }
  return [...byName.values()]
}

// An old checkout that still runs on a schedule must not rebuild what a newer one has applied.
async function refuseOther({ catalog }: MaterializeOptions, view: ViewPlan): Promise<void> {
  const applied = await currentView(catalog.db, view.name)
  if (applied === undefined || applied.hash === view.hash) return
  throw new MartletError('DEFINITION_NOT_APPLIED', `view ${view.name} is defined differently here than in the catalog, where ${applied.appliedBy} applied revision ${applied.revision} at ${applied.appliedAt}; apply these definitions first, or run the newer code`, {
    data: { view: view.name, applied: applied.hash, given: view.hash },
  })
}

function withoutStore(options: MaterializeOptions, planned: PlannedView): PlannedView {
  if (planned.view.source?.kind !== 'precomputed' || options.online !== undefined || planned.work.action === 'nothing') return planned
  return { ...planned, work: { action: 'nothing', reason: 'its rows are in its own table, and no online store was given to publish to' }, instants: 0, estimatedRows: 0 }
}

function planEvent({ view, work, instants, estimatedRows }: PlannedView): MaterializeEvent {
  const range = work.action === 'write' || work.action === 'rebuild' ? { from: instantText(work.start), to: instantText(work.to) } : { from: null, to: null }
  return { type: 'plan', view: view.name, action: work.action, reason: work.reason, ...range, instants, estimatedRows }
}

function doneEvent(done: MaterializedView): MaterializeEvent {
  const { view, rows, published, seconds } = done
  return { type: 'done', view, rows, published, newest: done.newest === null ? null : instantText(done.newest), watermark: done.watermark === null ? null : instantText(done.watermark), seconds }
}
