import type { Catalog } from '../catalog.ts'
import { jobInstant } from './job-times.ts'

export interface JobRetention {
  /** Jobs that ended longer ago than so many days are removed. */
  readonly days: number
  /** Of jobs that have ended, only so many are kept, the newest. */
  readonly rows: number
}

/**
 * Removes jobs that ended long ago, or too many jobs ago.
 *
 * @param now milliseconds since the epoch
 * @returns how many
 */
export async function removeEndedJobs(
  { db }: Pick<Catalog, 'db'>,
  { days, rows }: JobRetention,
  now: number,
): Promise<number> {
  const first = await db
    .selectFrom('jobs')
    .select('id')
    .where('ended_at', 'is not', null)
    .orderBy('id', (order) => order.desc().nullsLast())
    .offset(rows)
    .limit(1)
    .executeTakeFirst()
  const ended = db.deleteFrom('jobs').where('ended_at', 'is not', null)
  const old = await ended.where('ended_at', '<', jobInstant(now - days * 86_400_000)).executeTakeFirst()
  const many = first === undefined ? { numDeletedRows: 0n } : await ended.where('id', '<=', first.id).executeTakeFirst()
  if (old.numDeletedRows + many.numDeletedRows > 0n)
    await db.deleteFrom('job_attempts').where('job_id', 'not in', db.selectFrom('jobs').select('id')).execute()
  return Number(old.numDeletedRows + many.numDeletedRows)
}
