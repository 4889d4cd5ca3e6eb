import type { Catalog } from '../catalog.ts'
import type { JobsTable } from '../tables.ts'
import { endAttempt } from './attempts.ts'
import { isWorkerGone } from './claim-job.ts'
import { NOBODY } from './held-job.ts'
import { jobInstant } from './job-times.ts'

/**
 * Cancels a job: one that waits, or whose worker is gone, has ended with that; one that runs is told to stop. One that
 * has ended stays as it is.
 *
 * @param now milliseconds since the epoch
 * @returns the job afterwards; undefined when there is none
 */
export async function cancelJob(
  { db }: Pick<Catalog, 'db'>,
  id: string,
  by: string,
  now: number,
): Promise<JobsTable | undefined> {
  return db.transaction().execute(async (inside) => {
    const job = await inside.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
    if (job === undefined || job.ended_at !== null) return job
    const stops = job.state === 'queued' || isWorkerGone(job, now)
    const change: Partial<JobsTable> = {
      cancelled_by: job.cancelled_by ?? by,
      ...(stops ? { ...NOBODY, state: 'cancelled', ended_at: jobInstant(now) } : {}),
    }
    if (stops && job.state === 'running')
      await endAttempt(inside, job, { outcome: 'lost', ended_at: jobInstant(now), error_code: null, exit_code: null })
    await inside.updateTable('jobs').set(change).where('id', '=', id).execute()
    return { ...job, ...change }
  })
}
