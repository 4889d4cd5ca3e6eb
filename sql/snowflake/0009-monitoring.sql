-- How far loads and snapshots have read, as they keep it; and reference profiles, results of drift and of quality checks, as materialize,
-- training-set and drift write them.
CREATE TABLE IF NOT EXISTS loads_internal.steps (
  kind VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  target VARCHAR NOT NULL,
  definition VARCHAR NOT NULL,
  watermark TIMESTAMP_NTZ(6),
  turn NUMBER(19, 0) NOT NULL,
  ran_at TIMESTAMP_NTZ(6)
);
CREATE TABLE IF NOT EXISTS monitoring.reference_profiles (
  profile VARCHAR NOT NULL,
  created_at TIMESTAMP_NTZ(6) NOT NULL,
  reference_rows NUMBER(19, 0) NOT NULL,
  body VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS monitoring.drift_results (
  monitor VARCHAR NOT NULL,
  window_from TIMESTAMP_NTZ(6),
  window_to TIMESTAMP_NTZ(6),
  evaluated_at TIMESTAMP_NTZ(6) NOT NULL,
  profile VARCHAR NOT NULL,
  column_name VARCHAR,
  metric VARCHAR,
  status VARCHAR NOT NULL,
  severity VARCHAR NOT NULL,
  value DOUBLE,
  effect DOUBLE,
  p DOUBLE,
  q DOUBLE,
  row_count NUMBER(19, 0) NOT NULL,
  sentence VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS monitoring.writers (
  table_name VARCHAR NOT NULL,
  writes NUMBER(19, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS monitoring.quality_results (
  run_id VARCHAR,
  view_name VARCHAR,
  table_name VARCHAR,
  column_name VARCHAR,
  check_name VARCHAR,
  severity VARCHAR,
  passed BOOLEAN,
  failed_rows NUMBER(19, 0),
  checked_rows NUMBER(19, 0),
  example VARCHAR,
  query VARCHAR,
  scanned VARCHAR,
  checked_at TIMESTAMP_NTZ(6)
);
