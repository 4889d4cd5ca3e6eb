-- Models, their versions, tags and aliases, as the registry keeps them. Keys are not enforced by Snowflake, so none are declared.
CREATE TABLE IF NOT EXISTS registry.registered_models (
  name VARCHAR NOT NULL,
  description VARCHAR NOT NULL,
  created_ms NUMBER(38, 0) NOT NULL,
  updated_ms NUMBER(38, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS registry.model_versions (
  model VARCHAR NOT NULL,
  registration VARCHAR NOT NULL,
  fingerprint VARCHAR NOT NULL,
  status VARCHAR NOT NULL,
  status_message VARCHAR NOT NULL,
  lifecycle VARCHAR NOT NULL,
  lifecycle_actor VARCHAR NOT NULL,
  lifecycle_reason VARCHAR NOT NULL,
  artifact_sha256 VARCHAR NOT NULL,
  source_sha256 VARCHAR NOT NULL,
  service VARCHAR NOT NULL,
  service_hash VARCHAR NOT NULL,
  signature VARCHAR NOT NULL,
  golden_rows VARCHAR NOT NULL,
  trial VARCHAR NOT NULL,
  metrics VARCHAR NOT NULL,
  training_set VARCHAR NOT NULL,
  definition_hashes VARCHAR NOT NULL,
  description VARCHAR NOT NULL,
  source VARCHAR NOT NULL,
  run_id VARCHAR NOT NULL,
  created_by VARCHAR NOT NULL,
  version NUMBER(38, 0) NOT NULL,
  artifact_bytes NUMBER(38, 0) NOT NULL,
  lifecycle_ms NUMBER(38, 0) NOT NULL,
  created_ms NUMBER(38, 0) NOT NULL,
  updated_ms NUMBER(38, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS registry.model_tags (
  model VARCHAR NOT NULL,
  version NUMBER(38, 0) NOT NULL,
  tag VARCHAR NOT NULL,
  value VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS registry.model_aliases (
  model VARCHAR NOT NULL,
  alias VARCHAR NOT NULL,
  version NUMBER(38, 0) NOT NULL,
  updated_ms NUMBER(38, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS registry.model_alias_moves (
  model VARCHAR NOT NULL,
  alias VARCHAR NOT NULL,
  sequence NUMBER(38, 0) NOT NULL,
  kind VARCHAR NOT NULL,
  from_version NUMBER(38, 0),
  to_version NUMBER(38, 0),
  actor VARCHAR NOT NULL,
  approver VARCHAR,
  reason VARCHAR NOT NULL,
  at_ms NUMBER(38, 0) NOT NULL
);
-- At most one roll-out of a model is running; its evidence is written by the processes that serve, one row each.
CREATE TABLE IF NOT EXISTS registry.rollouts (
  model VARCHAR NOT NULL,
  rollout NUMBER(38, 0) NOT NULL,
  state VARCHAR NOT NULL,
  stable_alias VARCHAR NOT NULL,
  candidate_alias VARCHAR NOT NULL,
  stable_version NUMBER(38, 0) NOT NULL,
  candidate_version NUMBER(38, 0) NOT NULL,
  steps VARCHAR NOT NULL,
  guards VARCHAR NOT NULL,
  step NUMBER(38, 0) NOT NULL,
  step_ms NUMBER(38, 0) NOT NULL,
  revision NUMBER(38, 0) NOT NULL,
  actor VARCHAR NOT NULL,
  approver VARCHAR,
  reason VARCHAR NOT NULL,
  started_ms NUMBER(38, 0) NOT NULL,
  changed_ms NUMBER(38, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS registry.rollout_evidence (
  model VARCHAR NOT NULL,
  rollout NUMBER(38, 0) NOT NULL,
  step NUMBER(38, 0) NOT NULL,
  side VARCHAR NOT NULL,
  writer VARCHAR NOT NULL,
  evidence VARCHAR NOT NULL,
  at_ms NUMBER(38, 0) NOT NULL
);
