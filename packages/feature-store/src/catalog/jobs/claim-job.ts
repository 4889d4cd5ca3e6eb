import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import process from 'node:process'
import type { Kysely } from 'kysely'
import type { Catalog } from '../catalog.ts'
import { isProcessAlive } from '../process-alive.ts'
import type { CatalogTables, JobsTable } from '../tables.ts'
import { beginAttempt, endAttempt } from './attempts.ts'
import { HeldJob, NOBODY } from './held-job.ts'
import { JOB_LEASE_MS, jobInstant } from './job-times.ts'

/** A job whose worker was lost so often probably ends its worker. */
const MOST_LOSSES = 10
/** So many rows are looked at; of several workers each gets another one. */
const CANDIDATES = 20

export interface ClaimOptions {
  readonly kinds: readonly string[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Takes the job of the highest priority that has waited longest, or one whose worker is gone: it was on this machine
 * and is dead, or its lease has run out. Of several that ask at once, each gets another job.
 *
 * @returns undefined when there is nothing to do now
 */
export async function claimJob(
  { db }: Pick<Catalog, 'db'>,
  { kinds, now }: ClaimOptions,
): Promise<HeldJob | undefined> {
  const due = jobInstant(now)
  const left = (
    await db
      .selectFrom('jobs')
      .selectAll()
      .where('state', '=', 'running')
      .where('kind', 'in', [...kinds])
      .execute()
  ).filter((job) => isWorkerGone(job, now))
  const waiting = await db
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', 'queued')
    .where('kind', 'in', [...kinds])
    .where('not_before', '<=', due)
    .orderBy(
      ({ fn, val }) => fn.coalesce('priority', val(0)),
      (order) => order.desc().nullsLast(),
    )
    .orderBy('not_before')
    .orderBy('id')
    .limit(CANDIDATES)
    .execute()
  for (const candidate of [...left, ...waiting]) {
    const token = randomUUID()
    const took = await db.transaction().execute((inside) => take(inside, candidate, token, now))
    if (took !== undefined) return new HeldJob(db, took, candidate, token)
  }
  return undefined
}

/** Whether nobody works on a job that is recorded as running. */
export function isWorkerGone(job: JobsTable, now: number): boolean {
  if (job.lease_until === null || job.worker_pid === null) return true
  return job.lease_until <= jobInstant(now) || (job.worker_host === hostname() && !isProcessAlive(job.worker_pid))
}

/** Takes it if it still is as it was read. */
async function take(
  db: Kysely<CatalogTables>,
  seen: JobsTable,
  token: string,
  now: number,
): Promise<JobsTable | undefined> {
  const lost = seen.state === 'running'
  const is = await db.selectFrom('jobs').selectAll().where('id', '=', seen.id).executeTakeFirst()
  if (is === undefined || is.state !== seen.state) return undefined
  if (is.attempts !== seen.attempts || is.lease_until !== seen.lease_until) return undefined
  const at = jobInstant(now)
  if (lost) await endAttempt(db, is, { outcome: 'lost', ended_at: at, error_code: null, exit_code: null })
  if (lost && is.losses + 1 >= MOST_LOSSES) {
    await db
      .updateTable('jobs')
      .set({ ...NOBODY, state: 'failed', losses: is.losses + 1, ended_at: at, ...LOST_TOO_OFTEN })
      .where('id', '=', seen.id)
      .execute()
    return undefined
  }
  const change = {
    state: 'running' as const,
    attempts: is.attempts + 1,
    losses: is.losses + (lost ? 1 : 0),
    lease_token: token,
    lease_until: jobInstant(now + JOB_LEASE_MS),
    worker_host: hostname(),
    worker_pid: process.pid,
    child_pid: null,
    attempt_at: at,
    started_at: is.started_at ?? at,
    progress: null,
  }
  await db.updateTable('jobs').set(change).where('id', '=', seen.id).execute()
  await beginAttempt(db, { ...is, ...change })
  return { ...is, ...change }
}

const LOST_TOO_OFTEN = {
  error_code: 'JOB_LOST',
  error: `Its worker was lost ${MOST_LOSSES} times, which the job itself may have caused. Look at the memory of the machine.`,
}
