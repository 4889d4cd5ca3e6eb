import type { Observation } from '@martlet/drift'
import { MaterializeFailed, type CheckResult, type MaterializedView } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { Project } from '../project/project.ts'
import { viewStatuses } from '../project/view-status.ts'
import { readStates } from './alert-rows.ts'
import { tells } from './project-alerts.ts'
import { freshnessObservations, qualityObservations } from './quality-observations.ts'

/** The status of a view that checks kept from being written. */
const REFUSED = 'refused'

/**
 * What a run says of the quality and freshness of its views. A run looks at new rows only: it takes back what a run
 * said, never what `martlet check` found in all rows.
 */
export async function materializeObservations(
  project: Project,
  views: readonly string[],
  done: readonly MaterializedView[],
  error: unknown,
): Promise<readonly Observation[]> {
  const now = new Date()
  const found = [...done.flatMap(({ findings }) => findings), ...findingsOf(error)]
  const failed = new Set(views.filter((view) => done.every((one) => one.view !== view)))
  return [
    ...(tells(project.config, 'quality') ? await quality(project, views, found, failed, now) : []),
    ...(tells(project.config, 'freshness') ? await freshness(project, views, found, failed, now) : []),
  ]
}

async function quality(
  project: Project,
  views: readonly string[],
  found: readonly CheckResult[],
  failed: ReadonlySet<string>,
  now: Date,
): Promise<readonly Observation[]> {
  const { db } = await project.catalog()
  const states = await readStates(
    db,
    views.map((view) => `quality:${view}`),
  )
  return qualityObservations(views, found, now).flatMap((seen) => {
    if (seen.alerting === true) return [{ ...seen, status: REFUSED }]
    const unknown = [...failed].some((view) => seen.subject === `quality:${view}`)
    return !unknown && states.get(seen.subject)?.status === REFUSED ? [seen] : []
  })
}

/** Of a view that failed, only that its rows are late is known. */
async function freshness(
  project: Project,
  views: readonly string[],
  found: readonly CheckResult[],
  failed: ReadonlySet<string>,
  now: Date,
): Promise<readonly Observation[]> {
  const statuses = await viewStatuses(project, now.getTime())
  return freshnessObservations(views, found, statuses, now).filter(
    ({ subject, alerting }) => alerting === true || !failed.has(subject.slice('freshness:'.length)),
  )
}

/** The findings of the views that checks kept from being written. */
function findingsOf(error: unknown): readonly CheckResult[] {
  if (error instanceof MaterializeFailed && error.cause instanceof AggregateError)
    return error.cause.errors.flatMap(findingsOf)
  if (!(error instanceof MartletError) || error.code !== 'QUALITY_FAILED') return []
  const { findings } = error.data
  return Array.isArray(findings) ? (findings as readonly CheckResult[]) : []
}
