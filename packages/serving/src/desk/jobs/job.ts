import type { JobsTable, JobState, JobSummaryRow } from '@martlet/feature-store'
import type { ArgumentsOf } from './job-arguments.ts'
import type { AnyJobKind } from './job-kinds.ts'

/** A job of one kind, or of any, without what may be long. Instants are ISO 8601 in UTC. */
export interface JobSummary<K extends string = AnyJobKind> {
  readonly id: string
  readonly kind: K
  readonly arguments: ArgumentsOf<K>
  readonly state: JobState
  /** The higher, the sooner. */
  readonly priority: number
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
export interface Job<K extends string = AnyJobKind> extends JobSummary<K> {
  /** The last event of the command, such as a chunk that was written. */
  readonly progress: Readonly<Record<string, unknown>> | null
  /** What the command answered. */
  readonly result: Readonly<Record<string, unknown>> | null
  /** The end of what it printed. */
  readonly log: string | null
}

/** A job as the catalog lists it. */
export function jobSummaryOf(row: JobSummaryRow): JobSummary {
  const { id, kind, state, attempts, failures } = row
  return {
    id,
    kind,
    arguments: JSON.parse(row.arguments),
    state,
    priority: row.priority ?? 0,
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

/** A job as the catalog has it. */
export function jobOf(row: JobsTable): Job {
  return {
    ...jobSummaryOf(row),
    progress: row.progress === null ? null : JSON.parse(row.progress),
    result: row.result === null ? null : JSON.parse(row.result),
    log: row.log_tail,
  }
}
