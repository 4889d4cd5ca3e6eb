-- What runs: pipelines with what was promised of them, their runs, and how long the queues were.
CREATE TABLE IF NOT EXISTS ops.dim_pipeline (
  pipeline VARCHAR NOT NULL,
  queue VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  writes VARCHAR NOT NULL,
  every_minutes NUMBER(19, 0) NOT NULL,
  fresh_minutes NUMBER(19, 0) NOT NULL,
  valid_from TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS ops.fact_run (
  run_id VARCHAR NOT NULL,
  pipeline VARCHAR NOT NULL,
  started_at TIMESTAMP_NTZ(6) NOT NULL,
  ended_at TIMESTAMP_NTZ(6) NOT NULL,
  waited_seconds DOUBLE NOT NULL,
  seconds DOUBLE NOT NULL,
  rows_written NUMBER(19, 0) NOT NULL,
  bytes_written NUMBER(19, 0) NOT NULL,
  failed BOOLEAN NOT NULL,
  error VARCHAR
);
CREATE TABLE IF NOT EXISTS ops.fact_queue (
  queue VARCHAR NOT NULL,
  sampled_at TIMESTAMP_NTZ(6) NOT NULL,
  waiting NUMBER(19, 0) NOT NULL,
  running NUMBER(19, 0) NOT NULL
);
