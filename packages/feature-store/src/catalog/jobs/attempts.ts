import type { Kysely } from 'kysely'
import type { CatalogTables, JobAttemptsTable, JobsTable } from '../tables.ts'

/** Writes down that a worker begins a job, which it has taken in this transaction. */
export async function beginAttempt(
  db: Kysely<CatalogTables>,
  job: JobsTable & { readonly worker_host: string; readonly worker_pid: number; readonly attempt_at: string },
): Promise<void> {
  const attempt: JobAttemptsTable = {
    job_id: job.id,
    attempt: job.attempts,
    worker_host: job.worker_host,
    worker_pid: job.worker_pid,
    started_at: job.attempt_at,
    ended_at: null,
    outcome: null,
    error_code: null,
    exit_code: null,
  }
  await db.insertInto('job_attempts').values(attempt).execute()
}

/** How the newest attempt at a job ended. */
export async function endAttempt(
  db: Kysely<CatalogTables>,
  { id, attempts }: Pick<JobsTable, 'id' | 'attempts'>,
  end: Pick<JobAttemptsTable, 'outcome' | 'ended_at' | 'error_code' | 'exit_code'>,
): Promise<void> {
  await db.updateTable('job_attempts').set(end).where('job_id', '=', id).where('attempt', '=', attempts).execute()
}
