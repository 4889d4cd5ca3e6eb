import {
  currentDefinitions,
  gridOf,
  instantText,
  isContinuous,
  listLeases,
  listRuns,
  newestRowOf,
  toMicros,
  type LeaseHolder,
  type RunsTable,
  type ViewPlan,
} from '@martlet/feature-store'
import type { Project } from './project.ts'

/** How far a view is materialized; `late` when a further feature time closed more than one step of its grid ago. */
export interface ViewStatus {
  readonly view: string
  /** The newest feature time that has a row in the table; null when nothing is, or when the rows come with times of their own. */
  readonly newest: string | null
  /** Everything before this is in the table. */
  readonly watermark: string | null
  readonly publishedTime: string | null
  readonly late: boolean
  /** It has a row at every instant, so nothing is materialized at feature times, and it is never late. */
  readonly continuous: boolean
  /** A range before the watermark whose run was stopped; only the same range finishes it. Null when there is none. */
  readonly unfinished: { readonly from: string; readonly to: string; readonly done: string } | null
  /** Who is materializing it, or died while doing so; null when nobody. */
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
      late: !isContinuous(plan) && (watermark === null || isLate(plan, Date.parse(watermark), now)),
      continuous: isContinuous(plan),
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
 * Marks runs whose process died as abandoned, as the catalog will once the next run takes over. The holders must be read
 * before the runs, so that a run that finished in between counts as finished.
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

/** Any later run finishes a range that reaches beyond the watermark. */
function unfinishedRange({
  watermark,
  pending_from: from,
  pending_to: to,
  pending_done: done,
}: Pending): ViewStatus['unfinished'] {
  if (watermark === null || from === null || to === null || done === null || to > watermark) return null
  return { from, to, done }
}

/** The watermark is the first missing feature time T: it closes at T + delay, and may take one more step to compute. */
function isLate(plan: ViewPlan, watermark: number, now: number): boolean {
  return now > watermark + (plan.delay + gridOf(plan).every) / 1000
}
