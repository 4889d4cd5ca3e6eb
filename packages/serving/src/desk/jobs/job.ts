import type { JobsTable, JobState, JobSummaryRow } from '@martlet/feature-store'
import type { JobArguments } from './job-arguments.ts'
import { isJobKind, type JobKind } from './job-kinds.ts'

/** A job of one kind, or of any, without what may be long. Instants are ISO 8601 in UTC. */
export interface JobSummary<K extends JobKind = JobKind> {
  readonly id: string
  readonly kind: K
  readonly arguments: JobArguments<K>
  readonly state: JobState
  /** How often a worker began it. */
  readonly attempts: number
  /** How often it ended badly; with the last one of `maxFailures` it has failed. */
  readonly failures: number
  readonly maxFailures: number
  /** Seconds that one attempt may take. */
  readonly timeLimit: number
  /** Whoever has cancelled it; while it still runs, it is being stopped. */
  readonly cancelledBy: string | null
  readonly requestedBy: string
  readonly idempotencyKey: string | null
  readonly createdAt: string
  /** No attempt begins before this. */
  readonly notBefore: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Of the last attempt that failed. */
  readonly error: { readonly code: string | null; readonly message: string; readonly exitCode: number | null } | null
}

/** A job with all that there is to know about it. */
export interface Job<K extends JobKind = JobKind> extends JobSummary<K> {
  /** The last event of the command, such as a chunk that was written. */
  readonly progress: Readonly<Record<string, unknown>> | null
  /** What the command answered. */
  readonly result: Readonly<Record<string, unknown>> | null
  /** The end of what it printed. */
  readonly log: string | null
}

/** A job as the catalog lists it; undefined when it is of a kind that a newer version knows. */
export function jobSummaryOf(row: JobSummaryRow): JobSummary | undefined {
  const { id, kind, state, attempts, failures } = row
  if (!isJobKind(kind)) return undefined
  return {
    id,
    kind,
    arguments: JSON.parse(row.arguments),
    state,
    attempts,
    failures,
    maxFailures: row.max_failures,
    timeLimit: row.time_limit,
    cancelledBy: row.cancelled_by,
    requestedBy: row.requested_by,
    idempotencyKey: row.idempotency_key,
    createdAt: row.created_at,
    notBefore: row.not_before,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    error: row.error === null ? null : { code: row.error_code, message: row.error, exitCode: row.exit_code },
  }
}

/** A job as the catalog has it; undefined likewise. */
export function jobOf(row: JobsTable): Job | undefined {
  const summary = jobSummaryOf(row)
  if (summary === undefined) return undefined
  return {
    ...summary,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    result: row.result === null ? null : JSON.parse(row.result),
    log: row.log_tail,
  }
}
