/** ISO 8601 in UTC with six decimals, as `instantText` writes it. */
type InstantText = string
/** JSON as text. */
type Json = string

export type DefinitionKind = 'view' | 'service' | 'label'

export interface DefinitionsTable {
  kind: DefinitionKind
  name: string
  /** Counts from 1 for each kind and name; rows are never changed or deleted. */
  revision: number
  state: 'applied' | 'removed'
  hash: string
  plan: Json
  description: string | null
  owner: string | null
  tags: Json
  applied_at: InstantText
  applied_by: string
}

export type RunOutcome = 'running' | 'succeeded' | 'failed' | 'abandoned'

export interface RunsTable {
  id: string
  kind: 'materialize'
  view: string
  hash: string
  from_time: InstantText | null
  to_time: InstantText | null
  /** Why these feature times were written, such as a first run or a rebuild. */
  reason: string
  rows: number
  /** Bytes sent to the online store; null without an online store. */
  bytes: number | null
  published: number | null
  seconds: number | null
  outcome: RunOutcome
  error: string | null
  started_at: InstantText
  finished_at: InstantText | null
  host: string
  pid: number
  actor: string
}

/** The complete part of `features.<view>`, and what is in progress. */
export interface ViewStatesTable {
  view: string
  /** The hash of the definition that the table was computed by; null until the first run has finished. */
  hash: string | null
  /** All closed instants in `[since, watermark)` are in the table. */
  since: InstantText | null
  watermark: InstantText | null
  /** What a run is writing or was writing when it died; null when nothing is in progress. */
  pending_hash: string | null
  pending_run: string | null
  /**
   * `writing` into the view's table, `writing side` into the side table of a rebuild, `swapping` once that is
   * complete.
   */
  pending_phase: 'writing' | 'writing side' | 'swapping' | null
  pending_from: InstantText | null
  pending_to: InstantText | null
  /** The part of the pending range before this is written. */
  pending_done: InstantText | null
  /** Rows from this instant on are not yet in the online store; null when it is up to date. */
  unpublished_from: InstantText | null
  published_hash: string | null
  /** The newest feature time that was published. */
  published_time: InstantText | null
  published_at: InstantText | null
}

/** The newest row of a view's table, which may lie before the watermark, since facts may have been deleted. */
export interface NewestRowsTable {
  view: string
  /** The newest feature time that has a row; null when the table is empty. */
  newest_time: InstantText | null
}

export interface CheckpointsTable {
  run_id: string
  view: string
  hash: string
  from_time: InstantText
  to_time: InstantText
  rows: number
  written_at: InstantText
}

export interface LeasesTable {
  view: string
  token: string
  host: string
  pid: number
  actor: string
  acquired_at: InstantText
  heartbeat_at: InstantText
}

export interface QualityResultsTable {
  run_id: string
  view: string
  table_name: string
  column_name: string | null
  check_name: string
  severity: 'error' | 'warn'
  count: number
  total: number
  example: string | null
  query: string
  scanned: string
  checked_at: InstantText
}

/**
 * One edge: a column feeds a feature, a feature feeds a service; the registry adds edges from services to model
 * versions.
 */
export interface LineageTable {
  from_kind: string
  from_name: string
  to_kind: string
  to_name: string
  /** The definition that the edge comes from, as `kind:name`. */
  stated_by: string
}

/** Append-only. */
export interface AuditLogTable {
  id: string
  at: InstantText
  actor: string
  action: string
  subject: string
  detail: Json
}

export type SlotOutcome = 'running' | 'succeeded' | 'failed'

/** One slot of a schedule that a process has begun: a moment at which its steps were due. */
export interface ScheduleSlotsTable {
  schedule: string
  slot: InstantText
  outcome: SlotOutcome
  /** How many slots before this one were due and passed over. */
  passed: number
  error: string | null
  /** What became of the alert about it: null without one, `pending`, `sent`, or `failed: <why>`. */
  alert: string | null
  started_at: InstantText
  finished_at: InstantText | null
  host: string
  pid: number
  actor: string
}

export interface ScheduleStepsTable {
  schedule: string
  slot: InstantText
  /** Counts from 0. */
  step: number
  /** The words as the configuration has them, with placeholders, as JSON. */
  command: Json
  outcome: SlotOutcome
  /** How often it was begun, and how often it ended badly: the others died with their process. */
  attempts: number
  failures: number
  exit_code: number | null
  error: string | null
  /** The end of what it printed to stderr, without secrets. */
  tail: string | null
  host: string
  /** The process of the step. */
  pid: number | null
  started_at: InstantText
  finished_at: InstantText | null
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** Work that somebody asked for, and that a worker does. */
export interface JobsTable {
  /** A UUID of version 7: ids sort by the time of the request. */
  id: string
  kind: string
  arguments: Json
  state: JobState
  requested_by: string
  /** A repeated request of the same caller with the same key is this job. */
  idempotency_key: string | null
  /** How often a worker began it, how often that ended badly, and how often its worker was lost. */
  attempts: number
  failures: number
  losses: number
  /** After so many failures it has failed. */
  max_failures: number
  /** Seconds that one attempt may take. */
  time_limit: number
  /** No attempt begins before this. */
  not_before: InstantText
  cancelled_by: string | null
  /** Of the attempt under way: the right to write about it, which ends by itself unless its worker renews it. */
  lease_token: string | null
  lease_until: InstantText | null
  worker_host: string | null
  worker_pid: number | null
  /** The process that does the work. */
  child_pid: number | null
  attempt_at: InstantText | null
  progress: Json | null
  result: Json | null
  error_code: string | null
  error: string | null
  exit_code: number | null
  /** The end of what it printed, without secrets. */
  log_tail: string | null
  created_at: InstantText
  started_at: InstantText | null
  ended_at: InstantText | null
  /** The higher, the sooner. Null, of jobs of an earlier version: 0. */
  priority: number | null
}

/** How an attempt at a job ended; `lost`: its worker was gone. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'cancelled' | 'retried' | 'given back' | 'lost'

/** Each time that a worker began a job. */
export interface JobAttemptsTable {
  job_id: string
  /** From 1. */
  attempt: number
  worker_host: string
  worker_pid: number
  started_at: InstantText
  ended_at: InstantText | null
  /** Null while it runs. */
  outcome: AttemptOutcome | null
  error_code: string | null
  exit_code: number | null
}

/** Something that is watched, such as a monitor, and whether it alerts. */
export interface AlertStatesTable {
  /** `drift:<monitor>`, `quality:<view>` or `freshness:<view>`. */
  subject: string
  /** What the last run said of it, such as `ok` or `drift`. */
  status: string
  severity: string
  sentence: string
  /** Null while it does not alert. */
  alerting_since: InstantText | null
  /** How often it has begun to alert. */
  incident: number
  /** Runs in a row that alerted, and that did not. */
  bad_runs: number
  quiet_runs: number
  /** The end of the newest window that was counted; null without windows. */
  last_window: InstantText | null
  last_run: InstantText
  /** When a message about this incident was last put into the outbox, and how severe it was; null: none was. */
  told_at: InstantText | null
  told_severity: string | null
  acknowledged_until: InstantText | null
  acknowledged_by: string | null
  acknowledged_reason: string | null
}

/**
 * A column of a monitor (`drift:<monitor>`), or a kind of finding (`finding:<monitor>`, its kind in `column_name`), that does
 * not alert for a while.
 */
export interface MutedColumnsTable {
  subject: string
  column_name: string
  until_time: InstantText
  reason: string
  muted_by: string
  muted_at: InstantText
}

/** `given up`: it could not be delivered for a day. */
export type AlertDelivery = 'waiting' | 'sent' | 'given up'

/** One message to one channel; written in the transaction that changes the state that it tells of. */
export interface AlertOutboxTable {
  /** The same in every attempt. */
  id: string
  channel: string
  subject: string
  incident: number
  event: string
  message: Json
  state: AlertDelivery
  created_at: InstantText
  /** No attempt begins before this. */
  not_before: InstantText
  /** The delivery that it is a part of: its own id, or that of a digest. Null before the first attempt. */
  batch: string | null
  attempts: number
  error: string | null
  sent_at: InstantText | null
}

export interface SchemaVersionsTable {
  component: string
  version: number
  applied_at: InstantText
}

export interface CatalogTables {
  definitions: DefinitionsTable
  runs: RunsTable
  view_states: ViewStatesTable
  newest_rows: NewestRowsTable
  checkpoints: CheckpointsTable
  leases: LeasesTable
  quality_results: QualityResultsTable
  lineage: LineageTable
  audit_log: AuditLogTable
  schedule_slots: ScheduleSlotsTable
  schedule_steps: ScheduleStepsTable
  jobs: JobsTable
  job_attempts: JobAttemptsTable
  alert_states: AlertStatesTable
  muted_columns: MutedColumnsTable
  alert_outbox: AlertOutboxTable
  schema_versions: SchemaVersionsTable
}
