import type { Catalog } from '../catalog.ts'
import { jobInstant } from './job-times.ts'
import type { JobAttemptsTable, JobsTable, JobState } from '../tables.ts'

type Db = Pick<Catalog, 'db'>

export interface JobFilter {
  readonly states?: readonly JobState[]
  readonly kinds?: readonly string[]
  /** Only jobs that were asked for before the one of this id. */
  readonly before?: string
  /** @default 100 */
  readonly limit?: number
}

/** A job without what may be long. */
export type JobSummaryRow = Omit<JobsTable, 'progress' | 'result' | 'log_tail'>

const SUMMARY = [
  'id',
  'kind',
  'arguments',
  'state',
  'requested_by',
  'idempotency_key',
  'attempts',
  'failures',
  'losses',
  'max_failures',
  'time_limit',
  'not_before',
  'cancelled_by',
  'lease_token',
  'lease_until',
  'worker_host',
  'worker_pid',
  'child_pid',
  'attempt_at',
  'error_code',
  'error',
  'exit_code',
  'created_at',
  'started_at',
  'ended_at',
  'priority',
] as const satisfies readonly (keyof JobSummaryRow)[]

/** The job of an id; undefined when there is none, or when it was removed. */
export async function readJob({ db }: Db, id: string): Promise<JobsTable | undefined> {
  return db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Jobs, the newest first. */
export async function listJobs({ db }: Db, filter: JobFilter = {}): Promise<readonly JobSummaryRow[]> {
  const { states, kinds, before, limit = 100 } = filter
  let query = db
    .selectFrom('jobs')
    .select(SUMMARY)
    .orderBy('id', (order) => order.desc().nullsLast())
    .limit(limit)
  if (states !== undefined) query = query.where('state', 'in', [...states])
  if (kinds !== undefined) query = query.where('kind', 'in', [...kinds])
  if (before !== undefined) query = query.where('id', '<', before)
  return query.execute()
}

/**
 * Jobs that wait or run, those that ended at or after a moment, and those of some ids, by id.
 *
 * @param since milliseconds since the epoch; left out: all that have ended
 */
export async function changedJobs(
  { db }: Db,
  since: number | undefined,
  ids: readonly string[] = [],
): Promise<readonly JobsTable[]> {
  const jobs = db.selectFrom('jobs').selectAll().orderBy('id')
  if (since === undefined) return jobs.execute()
  return jobs
    .where((is) =>
      is.or([
        is('state', 'in', ['queued', 'running']),
        is('ended_at', '>=', jobInstant(since)),
        ...(ids.length === 0 ? [] : [is('id', 'in', [...ids])]),
      ]),
    )
    .execute()
}

/** Each time that a worker began one of these jobs, by job and attempt. */
export async function listAttempts({ db }: Db, ids: readonly string[]): Promise<readonly JobAttemptsTable[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('job_attempts')
    .selectAll()
    .where('job_id', 'in', [...ids])
    .orderBy('job_id')
    .orderBy('attempt')
    .execute()
}
