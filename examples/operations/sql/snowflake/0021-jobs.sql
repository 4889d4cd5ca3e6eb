-- Jobs, as martlet worker keeps them. A row without a state asks for a job: INSERT INTO ops.jobs (id, type, input) VALUES (…).
CREATE TABLE IF NOT EXISTS ops.jobs (
  id VARCHAR NOT NULL,
  type VARCHAR NOT NULL,
  priority NUMBER(19, 0),
  input VARCHAR,
  created_by VARCHAR,
  created_at TIMESTAMP_NTZ(6),
  job_id VARCHAR,
  state VARCHAR,
  attempts NUMBER(19, 0),
  worker VARCHAR,
  lease_until TIMESTAMP_NTZ(6),
  started_at TIMESTAMP_NTZ(6),
  ended_at TIMESTAMP_NTZ(6),
  output VARCHAR,
  error VARCHAR
);
CREATE TABLE IF NOT EXISTS ops.job_runs (
  job_id VARCHAR NOT NULL,
  attempt NUMBER(19, 0) NOT NULL,
  worker VARCHAR NOT NULL,
  started_at TIMESTAMP_NTZ(6),
  ended_at TIMESTAMP_NTZ(6),
  outcome VARCHAR,
  error_code VARCHAR,
  exit_code NUMBER(19, 0)
);
CREATE TABLE IF NOT EXISTS ops.job_artifacts (
  job_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  media_type VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  bytes NUMBER(19, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS ops.job_measures (
  job_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  value DOUBLE NOT NULL
);
