-- What runs: pipelines with what was promised of them, their runs, and how long the queues were.
CREATE TABLE IF NOT EXISTS ops.dim_pipeline (
  pipeline VARCHAR NOT NULL,
  queue VARCHAR NOT NULL,
  owner VARCHAR NOT NULL,
  writes VARCHAR NOT NULL,
  every_minutes BIGINT NOT NULL,
  fresh_minutes BIGINT NOT NULL,
  valid_from TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS ops.fact_run (
  run_id VARCHAR NOT NULL,
  pipeline VARCHAR NOT NULL,
  started_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP NOT NULL,
  waited_seconds DOUBLE NOT NULL,
  seconds DOUBLE NOT NULL,
  rows_written BIGINT NOT NULL,
  bytes_written BIGINT NOT NULL,
  failed BOOLEAN NOT NULL,
  error VARCHAR
);
CREATE TABLE IF NOT EXISTS ops.fact_queue (
  queue VARCHAR NOT NULL,
  sampled_at TIMESTAMP NOT NULL,
  waiting BIGINT NOT NULL,
  running BIGINT NOT NULL
);
