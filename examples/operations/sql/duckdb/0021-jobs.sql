-- Jobs, as martlet worker keeps them. A row without a state asks for a job: INSERT INTO ops.jobs (id, type, input) VALUES (…).
CREATE TABLE IF NOT EXISTS ops.jobs (
  id VARCHAR NOT NULL,
  type VARCHAR NOT NULL,
  priority BIGINT,
  input VARCHAR,
  created_by VARCHAR,
  created_at TIMESTAMP,
  job_id VARCHAR,
  state VARCHAR,
  attempts BIGINT,
  worker VARCHAR,
  lease_until TIMESTAMP,
  started_at TIMESTAMP,
  ended_at TIMESTAMP,
  output VARCHAR,
  error VARCHAR
);
CREATE TABLE IF NOT EXISTS ops.job_runs (
  job_id VARCHAR NOT NULL,
  attempt BIGINT NOT NULL,
  worker VARCHAR NOT NULL,
  started_at TIMESTAMP,
  ended_at TIMESTAMP,
  outcome VARCHAR,
  error_code VARCHAR,
  exit_code BIGINT
);
CREATE TABLE IF NOT EXISTS ops.job_artifacts (
  job_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  media_type VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  bytes BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS ops.job_measures (
  job_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  value DOUBLE NOT NULL
);
