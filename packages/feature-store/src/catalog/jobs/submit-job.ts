import { MartletError } from '@martlet/warehouse'
import { canonicalJson } from '../../plan/canonical-json.ts'
import type { Catalog } from '../catalog.ts'
import type { JobsTable } from '../tables.ts'
import { newJobId } from './job-id.ts'
import { jobInstant } from './job-times.ts'

export interface JobSubmission {
  readonly kind: string
  /** Values of JSON. */
  readonly arguments: object
  readonly by: string
  /** A second submission of the same caller with the same key is the first one's job. */
  readonly idempotencyKey?: string
  /** The higher, the sooner. @default 0 */
  readonly priority?: number
  /** After so many attempts that ended badly the job has failed. */
  readonly maxFailures: number
  /** Seconds that one attempt may take. */
  readonly timeLimit: number
}

/** How many jobs may wait or run. */
export interface QueueBounds {
  readonly perCaller: number
  readonly inAll: number
}

export interface Submitted {
  readonly job: JobsTable
  /** False: a job with this key was there. */
  readonly created: boolean
}

/**
 * Adds a job to the queue, or finds the one with its idempotency key.
 *
 * @param now milliseconds since the epoch
 * @throws MartletError JOB_KEY_REUSED when the key belongs to a job of other arguments
 * @throws MartletError JOB_QUEUE_FULL when too many jobs wait or run
 */
export async function submitJob(
  { db }: Pick<Catalog, 'db'>,
  submission: JobSubmission,
  bounds: QueueBounds,
  now: number,
): Promise<Submitted> {
  const { kind, by, idempotencyKey } = submission
  const asked = canonicalJson(submission.arguments)
  // One transaction at a time writes, so nobody adds the same key in between.
  return db.transaction().execute(async (inside) => {
    if (idempotencyKey !== undefined) {
      const known = await inside
        .selectFrom('jobs')
        .selectAll()
        .where('requested_by', '=', by)
        .where('idempotency_key', '=', idempotencyKey)
        .executeTakeFirst()
      if (known !== undefined) {
        if (known.kind === kind && known.arguments === asked) return { job: known, created: false }
        throw reused(known)
      }
    }
    const open = await inside
      .selectFrom('jobs')
      .select('requested_by')
      .where('state', 'in', ['queued', 'running'])
      .execute()
    const own = open.filter(({ requested_by: other }) => other === by).length
    if (own >= bounds.perCaller) throw full(`${by} has ${own} jobs that wait or run`, bounds.perCaller)
    if (open.length >= bounds.inAll) throw full(`${open.length} jobs wait or run`, bounds.inAll)
    const job: JobsTable = {
      id: newJobId(now),
      kind,
      arguments: asked,
      state: 'queued',
      requested_by: by,
      idempotency_key: idempotencyKey ?? null,
      attempts: 0,
      failures: 0,
      losses: 0,
      max_failures: submission.maxFailures,
      time_limit: submission.timeLimit,
      not_before: jobInstant(now),
      cancelled_by: null,
      lease_token: null,
      lease_until: null,
      worker_host: null,
      worker_pid: null,
      child_pid: null,
      attempt_at: null,
      progress: null,
      result: null,
      error_code: null,
      error: null,
      exit_code: null,
      log_tail: null,
      created_at: jobInstant(now),
      started_at: null,
      ended_at: null,
      priority: submission.priority ?? 0,
    }
    await inside.insertInto('jobs').values(job).execute()
    return { job, created: true }
  })
}

function reused({ id, kind }: JobsTable): MartletError {
  return new MartletError(
    'JOB_KEY_REUSED',
    `The idempotency key belongs to job ${id} (${kind}), which was asked for with other arguments. ` +
      'Use another key for another job.',
    { data: { id, kind } },
  )
}

function full(what: string, limit: number): MartletError {
  return new MartletError(
    'JOB_QUEUE_FULL',
    `${what}, and ${limit} may. Try again when some have ended, cancel some, or start a worker.`,
    { data: { limit } },
  )
}
