import { unitOfWork } from '@martlet/warehouse'
import { currentDefinitions } from '../catalog/definitions.ts'
import { keptDefinitions } from '../catalog/kept-definitions.ts'
import type { MomentTable } from '../compile/tiles/moment-table.ts'
import { choosePlan, type PlanChoice } from '../compile/plan-choice.ts'
import { compileViewRows } from '../compile/view-sql.ts'
import { gridInstants } from '../plan/time/grid.ts'
import { stepsOf, type ViewPlan } from '../plan/view-plan.ts'
import { readBy, viewOfEvents } from '../vocabulary/view-sources.ts'
import type { FailedViews } from './failed-views.ts'
import type { CompileRows, MaterializeOptions } from './options.ts'
import { sharedMoments } from './refresh-moments.ts'
import { ensureTiles, staleCheck, type StaleCheck } from './stale-check.ts'
import type { MaterializedView, PlannedRun } from './run-view.ts'
import { storedViews } from './stored-views.ts'
import type { Chunk } from './write-range.ts'

/**
 * Rows are computed from stored tiles that all applied views share, which every view's first chunk compares with the
 * facts and every chunk brings up to date.
 */
export async function withMoments(
  options: MaterializeOptions,
  planned: readonly PlannedRun[],
  views: readonly ViewPlan[],
  { failures, done }: { readonly failures: FailedViews; readonly done: ReadonlyMap<string, MaterializedView> },
): Promise<{
  readonly compile: CompileRows
  /** Undefined when somebody else's compiler computes the rows. */
  readonly stale: StaleCheck | undefined
  readonly moments: readonly MomentTable[]
}> {
  const stored = (await currentDefinitions(options.catalog.db)).flatMap((definition) =>
    definition.kind === 'view' ? [definition.plan] : [],
  )
  const older = (await keptDefinitions(options.catalog.db)).map((kept) => kept.stored)
  const applied = [...stored, ...older].filter((view) => views.every((own) => own.name !== view.name))
  const tables = sharedMoments([...applied, ...views])
  const sizes = new Map(planned.map(({ planned: { view, size } }) => [view.name, size]))
  const choose = (view: ViewPlan, chunk: Chunk): PlanChoice | undefined => {
    const [size, counted] = [sizes.get(view.name), viewOfEvents(view)]
    return size === undefined || counted === undefined
      ? undefined
      : choosePlan(counted, size, gridInstants(stepsOf(view), chunk.from, chunk.to).length)
  }
  const read = await storedViews(
    options,
    planned.map(({ run }) => run.view),
    (name) => done.has(name),
  )
  // Rows of older definitions cannot be written again by a command, so nothing is said about them.
  const kept = new Set(older.map(({ name }) => name))
  const watched = [...new Map([...stored, ...views].map((view) => [view.name, view])).values()].filter(
    ({ name }) => !kept.has(name),
  )
  const plans = planned.map((one) => one.planned)
  // Made before any chunk's long transaction, with which those of another run would be in conflict.
  for (const { view, work } of plans) {
    const table = tables.get(view.name)
    if (options.compile !== undefined || (work.action !== 'write' && work.action !== 'rebuild')) continue
    if (table === undefined && readBy(view).length === 0) continue
    await failures.attempt(view, () => unitOfWork(options.warehouse, (unit) => ensureTiles(unit, table)))
  }
  return {
    moments: views.flatMap(({ name }) => tables.get(name) ?? []),
    compile:
      options.compile ??
      ((warehouse, view, range) => {
        const choice = choose(view, range)
        return compileViewRows(warehouse, view, range, {
          moments: choice?.lookup === 'scan' ? undefined : tables.get(view.name),
          arrivals: choice?.arrivals,
          stored: read,
          ...(choice?.lookup === undefined ? {} : { lookup: choice.lookup }),
        })
      }),
    // Also where a chunk is computed from the facts: tiles are what tells later that its rows no longer say the same.
    stale: options.compile === undefined ? staleCheck({ options, planned: plans, tables, watched }) : undefined,
  }
}
