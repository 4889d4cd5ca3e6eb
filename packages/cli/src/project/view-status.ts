import {
  currentDefinitions,
  instantText,
  listLeases,
  listRuns,
  newestRowOf,
  toMicros,
  type LeaseHolder,
  type RunsTable,
  type ViewPlan,
} from '@martlet/feature-store'
import type { Project } from './project.ts'

/** How far a view is; `late` when another feature time has been closed for longer than one step of its grid. */
export interface ViewStatus {
  readonly view: string
  /** The newest feature time that has a row in the table; null when nothing is, or when the rows come with times of their own. */
  readonly newest: string | null
  /** Everything before this is in the table. */
  readonly watermark: string | null
  readonly publishedTime: string | null
  readonly late: boolean
  /** A range behind the watermark that a run was stopped in; only the same range finishes it. Null when there is none. */
  readonly unfinished: { readonly from: string; readonly to: string; readonly done: string } | null
  /** Who materializes it now, or died while doing so; null when nobody. */
  readonly holder: LeaseHolder | null
  readonly lastRun: {
    readonly outcome: string
    readonly finishedAt: string | null
    readonly rows: number
    readonly error: string | null
  } | null
}

export async function viewStatuses(project: Project, now: number): Promise<readonly ViewStatus[]> {
  const { db } = await project.catalog()
  const applied = (await currentDefinitions(db)).flatMap((definition) =>
    definition.kind === 'view' ? [definition.plan] : [],
  )
  const states = new Map(
    (
      await db
        .selectFrom('view_states')
        .select(['view', 'watermark', 'published_time', 'pending_from', 'pending_to', 'pending_done'])
        .execute()
    ).map((state) => [state.view, state]),
  )
  const holders = await listLeases(db)
  const statuses: ViewStatus[] = []
  for (const plan of applied) {
    const state = states.get(plan.name)
    const [run] = asTheyEnded(await listRuns(db, { view: plan.name, limit: 1 }), holders)
    const watermark = state?.watermark ?? null
    const newest = await newestRowOf(db, plan, watermark === null ? null : toMicros(watermark))
    statuses.push({
      view: plan.name,
      newest: newest === null ? null : instantText(newest),
      watermark,
      publishedTime: state?.published_time ?? null,
      unfinished: state === undefined ? null : unfinishedRange(state),
      late: watermark === null || isLate(plan, Date.parse(watermark), now),
      holder: holders.find(({ view }) => view === plan.name) ?? null,
      lastRun:
        run === undefined
          ? null
          : { outcome: run.outcome, finishedAt: run.finished_at, rows: run.rows, error: run.error },
    })
  }
  return statuses
}

/**
 * Says of runs whose process died what the catalog will say once the next run has taken over: that they were abandoned.
 * The holders must have been read before the runs, so that one who has ended well in between counts as ended.
 */
export function asTheyEnded(runs: readonly RunsTable[], holders: readonly LeaseHolder[]): readonly RunsTable[] {
  return runs.map((run) => {
    const died =
      run.outcome === 'running' &&
      holders.some(({ view, host, pid, gone }) => gone && view === run.view && host === run.host && pid === run.pid)
    return died ? { ...run, outcome: 'abandoned', error: 'the process died' } : run
  })
}

interface Pending {
  readonly watermark: string | null
  readonly pending_from: string | null
  readonly pending_to: string | null
  readonly pending_done: string | null
}

/** What reaches beyond the watermark is finished by any later run. */
function unfinishedRange({
  watermark,
  pending_from: from,
  pending_to: to,
  pending_done: done,
}: Pending): ViewStatus['unfinished'] {
  if (watermark === null || from === null || to === null || done === null || to > watermark) return null
  return { from, to, done }
}

/** The watermark is the first feature time that is not there; it closes at T + delay, and may take one more step to be computed. */
function isLate(plan: ViewPlan, watermark: number, now: number): boolean {
  return now > watermark + (plan.delay + plan.grid.every) / 1000
}
