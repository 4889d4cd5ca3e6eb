import { currentDefinitions, listRuns, type ViewPlan } from '@martlet/feature-store'
import type { Project } from './project.ts'

/** How far a view is; `late` when another feature time has been closed for longer than one step of its grid. */
export interface ViewStatus {
  readonly view: string
  readonly watermark: string | null
  readonly publishedTime: string | null
  readonly late: boolean
  readonly lastRun: { readonly outcome: string; readonly finishedAt: string | null; readonly rows: number; readonly error: string | null } | null
}

export async function viewStatuses(project: Project, now: number): Promise<readonly ViewStatus[]> {
  const { db } = await project.catalog()
  const applied = (await currentDefinitions(db)).flatMap((definition) => (definition.kind === 'view' ? [definition.plan] : []))
  const states = new Map((await db.selectFrom('view_states').select(['view', 'watermark', 'published_time']).execute()).map((state) => [state.view, state]))
  const statuses: ViewStatus[] = []
  for (const plan of applied) {
    const state = states.get(plan.name)
    const [run] = await listRuns(db, { view: plan.name, limit: 1 })
    statuses.push({
      view: plan.name,
      watermark: state?.watermark ?? null,
      publishedTime: state?.published_time ?? null,
      late: state?.watermark === undefined || state.watermark === null || isLate(plan, Date.parse(state.watermark), now),
      lastRun: run === undefined ? null : { outcome: run.outcome, finishedAt: run.finished_at, rows: run.rows, error: run.error },
    })
  }
  return statuses
}

/** The watermark is the first feature time that is not there; it closes at T + delay, and may take one more step to be computed. */
function isLate(plan: ViewPlan, watermark: number, now: number): boolean {
  return now > watermark + (plan.delay + plan.grid.every) / 1000
}
