import { toMicros, type JobAttemptsTable, type JobsTable } from '@martlet/feature-store'
import { workIn } from '../kinds/artifacts-in.ts'
import type { Cell, Row } from './job-tables.ts'
import { askerOf } from './take-rows.ts'

/** What the tables say of one job of the catalog. */
export interface JobRows {
  readonly job: Row
  readonly artifacts: readonly Row[]
  readonly measures: readonly Row[]
}

/** @param row the row in which the job was asked for, or by which it is known already */
export function jobRows(job: JobsTable, schema: string, row?: Row): JobRows {
  const asked = job.requested_by === askerOf(schema)
  const done = job.result === null ? undefined : workIn(JSON.parse(job.result))
  const of = { job_id: job.id }
  return {
    job: {
      id: row?.['id'] ?? (asked ? job.idempotency_key : job.id),
      type: job.kind,
      priority: BigInt(job.priority ?? 0),
      input: job.arguments,
      created_by: row?.['created_by'] ?? job.requested_by,
      created_at: row?.['created_at'] ?? at(job.created_at),
      job_id: job.id,
      state: job.state,
      attempts: BigInt(job.attempts),
      worker: workerOf(job.worker_host, job.worker_pid),
      lease_until: at(job.lease_until),
      started_at: at(job.started_at),
      ended_at: at(job.ended_at),
      output: done === undefined ? job.result : JSON.stringify(done.output),
      error: job.error === null ? null : `${job.error_code === null ? '' : `${job.error_code}: `}${job.error}`,
    },
    artifacts: (done?.artifacts ?? []).map(({ name, mediaType, sha256, bytes }) => ({
      ...of,
      name,
      media_type: mediaType,
      sha256,
      bytes: BigInt(bytes),
    })),
    measures: Object.entries(done?.measures ?? {}).map(([name, value]) => ({ ...of, name, value })),
  }
}

export function runRow(attempt: JobAttemptsTable): Row {
  return {
    job_id: attempt.job_id,
    attempt: BigInt(attempt.attempt),
    worker: workerOf(attempt.worker_host, attempt.worker_pid),
    started_at: at(attempt.started_at),
    ended_at: at(attempt.ended_at),
    outcome: attempt.outcome,
    error_code: attempt.error_code,
    exit_code: attempt.exit_code === null ? null : BigInt(attempt.exit_code),
  }
}

/** Whether two rows of the table of jobs say the same. */
export function sameRow(left: Row, right: Row): boolean {
  return Object.entries(left).every(([name, value]) => shown(value) === shown(right[name] ?? null))
}

function shown(value: Cell): string {
  return value === null ? '' : value instanceof Date ? value.toISOString() : String(value)
}

function workerOf(host: string | null, pid: number | null): string | null {
  return host === null ? null : `${host}:${pid}`
}

/** The warehouse has milliseconds of what the catalog writes. */
function at(instant: string | null): Date | null {
  return instant === null ? null : new Date(Number(toMicros(instant) / 1000n))
}
