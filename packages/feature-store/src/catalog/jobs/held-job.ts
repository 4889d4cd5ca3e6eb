import { hostname } from 'node:os'
import type { Kysely, UpdateQueryBuilder, UpdateResult } from 'kysely'
import type { AttemptOutcome, CatalogTables, JobsTable } from '../tables.ts'
import { endAttempt } from './attempts.ts'
import { JOB_LEASE_MS, jobInstant } from './job-times.ts'

/** What a worker reports while a job runs. */
export interface JobReport {
  /** JSON. */
  readonly progress?: string | null
  readonly log_tail?: string | null
}

/** How an attempt ended. */
export interface AttemptEnd extends JobReport {
  /** JSON. */
  readonly result?: string | null
  readonly error_code: string | null
  readonly error: string | null
  readonly exit_code: number | null
}

/** A job that this process works on. Every write fails softly, with `false`, once another process has taken it over. */
export class HeldJob {
  readonly job: JobsTable
  /** The process of an earlier attempt on this machine whose worker is gone. It may live for a moment longer. */
  readonly earlier: number | null
  readonly #db: Kysely<CatalogTables>
  readonly #token: string

  /** @param before the job before it was taken */
  constructor(db: Kysely<CatalogTables>, job: JobsTable, before: JobsTable, token: string) {
    this.job = job
    this.earlier = before.worker_host === hostname() ? before.child_pid : null
    this.#db = db
    this.#token = token
  }

  /** Notes which process does the work, before it begins. */
  begun(pid: number): Promise<boolean> {
    return this.#change({ child_pid: pid })
  }

  /**
   * Renews the lease and writes what there is to report.
   *
   * @param now milliseconds since the epoch
   */
  async renew(report: JobReport, now: number): Promise<'held' | 'cancelled' | 'lost'> {
    if (!(await this.#change({ ...report, lease_until: jobInstant(now + JOB_LEASE_MS) }))) return 'lost'
    return this.asked()
  }

  /** Whether it is still this process's, and whether somebody has cancelled it. */
  async asked(): Promise<'held' | 'cancelled' | 'lost'> {
    const { id } = this.job
    const row = await this.#db
      .selectFrom('jobs')
      .select(['cancelled_by', 'lease_token'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined || row.lease_token !== this.#token) return 'lost'
    return row.cancelled_by === null ? 'held' : 'cancelled'
  }

  /** The job has ended. */
  end(state: 'succeeded' | 'failed' | 'cancelled', end: AttemptEnd, now: number): Promise<boolean> {
    const failures = this.job.failures + (state === 'failed' ? 1 : 0)
    const change = { ...end, ...NOBODY, state, failures, ended_at: jobInstant(now) }
    return this.#end(state, now, change)
  }

  /**
   * The attempt failed, and the job is to be tried again. Refused, with `false`, when somebody has cancelled it.
   *
   * @param now milliseconds since the epoch, as is when the next attempt may begin
   */
  retry(end: AttemptEnd, notBefore: number, now: number): Promise<boolean> {
    const failures = this.job.failures + 1
    return this.#end('retried', now, { ...end, ...QUEUED, failures, not_before: jobInstant(notBefore) })
  }

  /** This worker stops, and another goes on. Refused likewise. */
  giveBack(report: JobReport, now: number): Promise<boolean> {
    return this.#end('given back', now, { ...report, ...QUEUED, not_before: jobInstant(now) })
  }

  /** Ends the attempt, if it is still this process's. */
  async #end(outcome: AttemptOutcome, now: number, change: Partial<JobsTable>): Promise<boolean> {
    const { job } = this
    return this.#db.transaction().execute(async (inside) => {
      const update = this.#update(change, inside)
      const queued = change.state === 'queued' ? update.where('cancelled_by', 'is', null) : update
      const { numUpdatedRows } = await queued.executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      const { error_code = null, exit_code = null } = change
      await endAttempt(inside, job, { outcome, ended_at: jobInstant(now), error_code, exit_code })
      return true
    })
  }

  async #change(change: Partial<JobsTable>): Promise<boolean> {
    const { numUpdatedRows } = await this.#update(change).executeTakeFirst()
    return numUpdatedRows > 0n
  }

  #update(
    change: Partial<JobsTable>,
    db: Kysely<CatalogTables> = this.#db,
  ): UpdateQueryBuilder<CatalogTables, 'jobs', 'jobs', UpdateResult> {
    return db
      .updateTable('jobs')
      .set(change)
      .where('id', '=', this.job.id)
      .where('state', '=', 'running')
      .where('lease_token', '=', this.#token)
  }
}

/** The columns of a lease when nobody has it. */
export const NOBODY = {
  lease_token: null,
  lease_until: null,
  worker_host: null,
  worker_pid: null,
  child_pid: null,
} as const

const QUEUED = { ...NOBODY, state: 'queued' } as const
