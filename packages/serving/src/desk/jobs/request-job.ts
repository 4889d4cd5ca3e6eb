import { MartletError } from '@martlet/warehouse'
import type { Desk } from '../desk.ts'
import type { Principal } from '../principal.ts'
import { Problem } from '../problem.ts'
import type { AskedJob } from './checked-job.ts'
import { checkNames } from './job-names.ts'
import type { JobQueue } from './job-queue.ts'
import type { Job } from './job.ts'
import { namesFor, narrowed } from './visible-jobs.ts'

/**
 * The jobs of a desk.
 *
 * @throws Problem `NO_JOBS` (404) when the server was started without them
 */
export function requireJobs({ jobs }: Pick<Desk, 'jobs'>): JobQueue {
  if (jobs !== undefined) return jobs
  const detail = 'This server takes no jobs. It was started without them: set serving.jobs in its configuration.'
  throw new Problem(404, 'NO_JOBS', detail)
}

export interface Requested {
  readonly job: Job
  /** False: the caller had asked for it already, with the same idempotency key. */
  readonly created: boolean
}

/**
 * Adds a job for a caller, who may see everything that it names.
 *
 * @throws Problem when a name is not known (404), the caller may not ask for so much (403), the key belongs to another
 *   job (409), or the queue is full (429)
 */
export async function requestJob(
  desk: Pick<Desk, 'jobs' | 'catalog' | 'models'>,
  principal: Principal,
  asked: AskedJob,
  { idempotencyKey, priority }: { readonly idempotencyKey?: string; readonly priority?: number } = {},
): Promise<Requested> {
  const queue = requireJobs(desk)
  await checkNames(asked, namesFor(desk, queue, principal))
  const job = narrowed(desk, principal, asked)
  if (job === undefined) {
    const detail = `The key ${principal.name} may not use everything that this job would read. Name what it is about.`
    throw new Problem(403, 'NAME_NOT_ALLOWED', detail, { path: 'arguments' })
  }
  const how = {
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(priority === undefined ? {} : { priority }),
  }
  try {
    return await queue.submit({ ...job, ...how, by: principal.id })
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    if (error.code === 'JOB_KEY_REUSED')
      throw new Problem(409, 'JOB_KEY_REUSED', error.message, { path: 'idempotencyKey' })
    if (error.code === 'JOB_QUEUE_FULL') throw new Problem(429, 'JOB_QUEUE_FULL', error.message, { retryAfter: 30 })
    throw error
  }
}
