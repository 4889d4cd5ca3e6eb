-- How jobs go: runs that Martlet recorded, runs of tasks, and feature views whose last run is long ago or failed. Errors may quote a
-- value, so only materialize_runs has them.
CREATE OR REPLACE VIEW monitoring.materialize_runs COPY GRANTS AS
SELECT r.id, r."VIEW" AS view_name, r.outcome, r.reason, r.from_time, r.to_time, r."ROWS" AS row_count, r.bytes, r.published, r.seconds, r.error, r.started_at, r.finished_at, r.actor
FROM catalog.runs AS r;

CREATE OR REPLACE VIEW monitoring.task_runs COPY GRANTS AS
SELECT t.name, t.schema_name, t.state, t.scheduled_time, t.query_start_time, t.completed_time, t.error_code, t.error_message, t.query_id
FROM SNOWFLAKE.ACCOUNT_USAGE.TASK_HISTORY AS t
WHERE t.database_name = '<% database %>';

CREATE OR REPLACE VIEW monitoring.stale_views COPY GRANTS AS
SELECT s.view_name, s.last_outcome, s.last_success, s.minutes_since_success
FROM (
  SELECT n.view_name, MAX(CASE WHEN n.newest = 1 THEN n.outcome END) AS last_outcome,
    MAX(CASE WHEN n.outcome = 'succeeded' THEN n.finished_at END) AS last_success,
    CAST(DATE_PART(epoch_microsecond, SYSDATE()) - DATE_PART(epoch_microsecond, CAST(SUBSTR(MAX(CASE WHEN n.outcome = 'succeeded' THEN n.finished_at END), 1, 26) AS TIMESTAMP_NTZ(6))) AS DOUBLE) / 60000000 AS minutes_since_success
  FROM (
    SELECT r."VIEW" AS view_name, r.outcome, r.finished_at, ROW_NUMBER() OVER (PARTITION BY r."VIEW" ORDER BY r.started_at DESC NULLS LAST) AS newest
    FROM catalog.runs AS r
  ) AS n
  GROUP BY n.view_name
) AS s
WHERE s.last_outcome <> 'succeeded' OR s.minutes_since_success IS NULL OR s.minutes_since_success > 1440;

-- How far each load and snapshot has read, and when it last ran.
CREATE OR REPLACE VIEW monitoring.load_freshness COPY GRANTS AS
SELECT s.kind, s.name, s.target, s.watermark, s.ran_at,
  CAST(DATE_PART(epoch_microsecond, SYSDATE()) - DATE_PART(epoch_microsecond, s.ran_at) AS DOUBLE) / 60000000 AS minutes_since_run,
  CAST(DATE_PART(epoch_microsecond, SYSDATE()) - DATE_PART(epoch_microsecond, s.watermark) AS DOUBLE) / 60000000 AS minutes_since_watermark
FROM loads_internal.steps AS s;

-- When loads, materialize, training sets and scores last changed each table, and how many rows it has. ACCOUNT_USAGE is behind by up to 90
-- minutes, and Snowflake's own maintenance of a table counts as a change.
CREATE OR REPLACE VIEW monitoring.table_changes COPY GRANTS AS
SELECT t.table_schema, t.table_name, t.row_count, t.bytes, CAST(CONVERT_TIMEZONE('UTC', t.last_altered) AS TIMESTAMP_NTZ(6)) AS last_changed_at,
  CAST(DATE_PART(epoch_microsecond, SYSDATE()) - DATE_PART(epoch_microsecond, t.last_altered) AS DOUBLE) / 60000000 AS minutes_since_change
FROM SNOWFLAKE.ACCOUNT_USAGE.TABLES AS t
WHERE t.table_catalog = '<% database %>' AND t.deleted IS NULL AND t.table_type = 'BASE TABLE'
  AND t.table_schema IN ('RAW', 'STAGING', 'MART', 'FEATURES', 'TRAINING', 'SCORES');
