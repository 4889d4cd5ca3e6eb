/** Instants are ISO 8601 text in UTC with six decimals (`instantText`), JSON is text, ids are UUIDs. */
type InstantText = string
type Json = string

export type DefinitionKind = 'view' | 'service' | 'label'

export interface DefinitionsTable {
  kind: DefinitionKind
  name: string
  /** 1, 2, 3 … for one kind and name; rows are never changed or deleted. */
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
  /** Why these instants: first run, new instants, rebuild … */
  reason: string
  rows: number
  /** Bytes sent to the online store; null when none was given. */
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

/** What is in `features.<view>`, as far as it is complete. */
export interface ViewStatesTable {
  view: string
  /** Hash of the definition that the table was computed by; null until the first run has finished. */
  hash: string | null
  /** All closed instants in `[since, watermark)` are in the table. */
  since: InstantText | null
  watermark: InstantText | null
  /** What a run is writing, or was writing when it died; null when nothing is in progress. */
  pending_hash: string | null
  pending_run: string | null
  /** Into the side table of a rebuild, or into the view's own; `swapping` once the side table is complete. */
  pending_phase: 'writing' | 'writing side' | 'swapping' | null
  pending_from: InstantText | null
  pending_to: InstantText | null
  /** Everything of the pending range before this is written. */
  pending_done: InstantText | null
  /** Rows from this instant on are not in the online store yet; null when it is up to date. */
  unpublished_from: InstantText | null
  published_hash: string | null
  /** The newest feature time that was published. */
  published_time: InstantText | null
  published_at: InstantText | null
}

/** What a view's table holds: all its instants up to the watermark may be without rows, when facts were deleted. */
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

/** One edge: a warehouse column feeds a feature, a feature a service; the registry adds service → model version. */
export interface LineageTable {
  from_kind: string
  from_name: string
  to_kind: string
  to_name: string
  /** The definition that says so, as `kind:name`. */
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
  schema_versions: SchemaVersionsTable
}
