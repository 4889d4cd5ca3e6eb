-- Definitions, runs and their state, as the catalog keeps them. Instants are ISO 8601 text in UTC, JSON is text. VIEW, ROWS and AT mean something without quotes.
CREATE TABLE IF NOT EXISTS catalog.definitions (
  kind VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  revision NUMBER(38, 0) NOT NULL,
  state VARCHAR NOT NULL,
  hash VARCHAR NOT NULL,
  plan VARCHAR NOT NULL,
  description VARCHAR,
  owner VARCHAR,
  tags VARCHAR NOT NULL,
  applied_at VARCHAR NOT NULL,
  applied_by VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.runs (
  id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  "VIEW" VARCHAR NOT NULL,
  hash VARCHAR NOT NULL,
  from_time VARCHAR,
  to_time VARCHAR,
  reason VARCHAR NOT NULL,
  "ROWS" NUMBER(38, 0) NOT NULL,
  bytes NUMBER(38, 0),
  published NUMBER(38, 0),
  seconds DOUBLE,
  outcome VARCHAR NOT NULL,
  error VARCHAR,
  started_at VARCHAR NOT NULL,
  finished_at VARCHAR,
  host VARCHAR NOT NULL,
  pid NUMBER(38, 0) NOT NULL,
  actor VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.view_states (
  "VIEW" VARCHAR NOT NULL,
  hash VARCHAR,
  since VARCHAR,
  watermark VARCHAR,
  pending_hash VARCHAR,
  pending_run VARCHAR,
  pending_phase VARCHAR,
  pending_from VARCHAR,
  pending_to VARCHAR,
  pending_done VARCHAR,
  unpublished_from VARCHAR,
  published_hash VARCHAR,
  published_time VARCHAR,
  published_at VARCHAR
);
CREATE TABLE IF NOT EXISTS catalog.newest_rows (
  "VIEW" VARCHAR NOT NULL,
  newest_time VARCHAR
);
CREATE TABLE IF NOT EXISTS catalog.checkpoints (
  run_id VARCHAR NOT NULL,
  "VIEW" VARCHAR NOT NULL,
  hash VARCHAR NOT NULL,
  from_time VARCHAR NOT NULL,
  to_time VARCHAR NOT NULL,
  "ROWS" NUMBER(38, 0) NOT NULL,
  written_at VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.leases (
  "VIEW" VARCHAR NOT NULL,
  token VARCHAR NOT NULL,
  host VARCHAR NOT NULL,
  pid NUMBER(38, 0) NOT NULL,
  actor VARCHAR NOT NULL,
  acquired_at VARCHAR NOT NULL,
  heartbeat_at VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.quality_results (
  run_id VARCHAR NOT NULL,
  "VIEW" VARCHAR NOT NULL,
  table_name VARCHAR NOT NULL,
  column_name VARCHAR,
  check_name VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  count NUMBER(38, 0) NOT NULL,
  total NUMBER(38, 0) NOT NULL,
  example VARCHAR,
  query VARCHAR NOT NULL,
  scanned VARCHAR NOT NULL,
  checked_at VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.lineage (
  from_kind VARCHAR NOT NULL,
  from_name VARCHAR NOT NULL,
  to_kind VARCHAR NOT NULL,
  to_name VARCHAR NOT NULL,
  stated_by VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.audit_log (
  id VARCHAR NOT NULL,
  "AT" VARCHAR NOT NULL,
  actor VARCHAR NOT NULL,
  action VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  detail VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.schedule_slots (
  schedule VARCHAR NOT NULL,
  slot VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  passed NUMBER(38, 0) NOT NULL,
  error VARCHAR,
  alert VARCHAR,
  started_at VARCHAR NOT NULL,
  finished_at VARCHAR,
  host VARCHAR NOT NULL,
  pid NUMBER(38, 0) NOT NULL,
  actor VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.schedule_steps (
  schedule VARCHAR NOT NULL,
  slot VARCHAR NOT NULL,
  step NUMBER(38, 0) NOT NULL,
  command VARCHAR NOT NULL,
  outcome VARCHAR NOT NULL,
  attempts NUMBER(38, 0) NOT NULL,
  failures NUMBER(38, 0) NOT NULL,
  exit_code NUMBER(38, 0),
  error VARCHAR,
  tail VARCHAR,
  host VARCHAR NOT NULL,
  pid NUMBER(38, 0),
  started_at VARCHAR NOT NULL,
  finished_at VARCHAR
);
CREATE TABLE IF NOT EXISTS catalog.jobs (
  id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  arguments VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  requested_by VARCHAR NOT NULL,
  idempotency_key VARCHAR,
  attempts NUMBER(38, 0) NOT NULL,
  failures NUMBER(38, 0) NOT NULL,
  losses NUMBER(38, 0) NOT NULL,
  max_failures NUMBER(38, 0) NOT NULL,
  time_limit NUMBER(38, 0) NOT NULL,
  not_before VARCHAR NOT NULL,
  cancelled_by VARCHAR,
  lease_token VARCHAR,
  lease_until VARCHAR,
  worker_host VARCHAR,
  worker_pid NUMBER(38, 0),
  child_pid NUMBER(38, 0),
  attempt_at VARCHAR,
  progress VARCHAR,
  result VARCHAR,
  error_code VARCHAR,
  error VARCHAR,
  exit_code NUMBER(38, 0),
  log_tail VARCHAR,
  created_at VARCHAR NOT NULL,
  started_at VARCHAR,
  ended_at VARCHAR,
  priority NUMBER(38, 0)
);
CREATE TABLE IF NOT EXISTS catalog.job_attempts (
  job_id VARCHAR NOT NULL,
  attempt NUMBER(38, 0) NOT NULL,
  worker_host VARCHAR NOT NULL,
  worker_pid NUMBER(38, 0) NOT NULL,
  started_at VARCHAR NOT NULL,
  ended_at VARCHAR,
  outcome VARCHAR,
  error_code VARCHAR,
  exit_code NUMBER(38, 0)
);
CREATE TABLE IF NOT EXISTS catalog.alert_states (
  subject VARCHAR NOT NULL,
  status VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  sentence VARCHAR NOT NULL,
  alerting_since VARCHAR,
  incident NUMBER(38, 0) NOT NULL,
  bad_runs NUMBER(38, 0) NOT NULL,
  quiet_runs NUMBER(38, 0) NOT NULL,
  last_window VARCHAR,
  last_run VARCHAR NOT NULL,
  told_at VARCHAR,
  told_severity VARCHAR,
  acknowledged_until VARCHAR,
  acknowledged_by VARCHAR,
  acknowledged_reason VARCHAR
);
CREATE TABLE IF NOT EXISTS catalog.muted_columns (
  subject VARCHAR NOT NULL,
  column_name VARCHAR NOT NULL,
  until_time VARCHAR NOT NULL,
  reason VARCHAR NOT NULL,
  muted_by VARCHAR NOT NULL,
  muted_at VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS catalog.alert_outbox (
  id VARCHAR NOT NULL,
  channel VARCHAR NOT NULL,
  subject VARCHAR NOT NULL,
  incident NUMBER(38, 0) NOT NULL,
  event VARCHAR NOT NULL,
  message VARCHAR NOT NULL,
  state VARCHAR NOT NULL,
  created_at VARCHAR NOT NULL,
  not_before VARCHAR NOT NULL,
  batch VARCHAR,
  attempts NUMBER(38, 0) NOT NULL,
  error VARCHAR,
  sent_at VARCHAR
);
CREATE TABLE IF NOT EXISTS catalog.schema_versions (
  component VARCHAR NOT NULL,
  version NUMBER(38, 0) NOT NULL,
  applied_at VARCHAR NOT NULL
);
-- Transactions on catalog and registry come one after the other by changing this row.
CREATE TABLE IF NOT EXISTS catalog.write_lock (
  turn NUMBER(19, 0) NOT NULL
);
