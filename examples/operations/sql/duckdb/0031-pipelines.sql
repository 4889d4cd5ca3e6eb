-- What a pipeline costs a day: runs, rows, bytes and seconds, and the seconds that its failed runs have wasted. The embedded engine has no
-- credits; on Snowflake ops.pipeline_credits has them.
CREATE OR REPLACE VIEW ops.pipeline_cost AS
SELECT r.pipeline, CAST(r.started_at AS DATE) AS day, COUNT(*) AS runs,
  CAST(SUM(CASE WHEN r.failed THEN 1 ELSE 0 END) AS BIGINT) AS failed_runs,
  CAST(SUM(r.rows_written) AS BIGINT) AS rows_written, CAST(SUM(r.bytes_written) AS BIGINT) AS bytes_written,
  SUM(r.seconds) AS seconds, SUM(CASE WHEN r.failed THEN r.seconds ELSE 0 END) AS wasted_seconds,
  SUM(r.seconds) / NULLIF(SUM(r.rows_written), 0) * 1000000 AS seconds_per_million_rows
FROM ops.fact_run AS r
GROUP BY r.pipeline, CAST(r.started_at AS DATE);

-- What was promised of each pipeline, and whether it holds: how old its last success is, and what checks find in the table that it writes.
CREATE OR REPLACE VIEW ops.pipeline_sla AS
WITH last_success AS (
  SELECT r.pipeline, MAX(r.ended_at) AS succeeded_at FROM ops.fact_run AS r WHERE NOT r.failed GROUP BY r.pipeline
), last_check AS (
  SELECT q.table_name, MAX(q.checked_at) AS checked_at FROM monitoring.quality_results AS q GROUP BY q.table_name
), findings AS (
  SELECT q.table_name, MAX(l.checked_at) AS checked_at, COUNT(*) AS checks,
    CAST(SUM(CASE WHEN q.passed THEN 0 ELSE 1 END) AS BIGINT) AS failed_checks,
    CAST(SUM(CASE WHEN NOT q.passed AND q.severity = 'error' THEN 1 ELSE 0 END) AS BIGINT) AS errors
  FROM monitoring.quality_results AS q
  INNER JOIN last_check AS l ON l.table_name = q.table_name AND l.checked_at = q.checked_at
  GROUP BY q.table_name
), recent AS (
  SELECT r.pipeline, COUNT(*) AS runs_7d, CAST(SUM(CASE WHEN r.failed THEN 1 ELSE 0 END) AS BIGINT) AS failed_7d
  FROM ops.fact_run AS r
  CROSS JOIN ops.clock AS c
  WHERE epoch_us(r.started_at) >= epoch_us(c.now) - 604800000000
  GROUP BY r.pipeline
)
SELECT p.pipeline, p.owner, p.writes, p.every_minutes, p.fresh_minutes, s.succeeded_at,
  CAST(epoch_us(c.now) - epoch_us(s.succeeded_at) AS DOUBLE) / 60000000 AS age_minutes,
  COALESCE(epoch_us(c.now) - epoch_us(s.succeeded_at) <= p.fresh_minutes * 60000000, FALSE) AS fresh,
  f.checks, f.failed_checks, COALESCE(f.errors, 0) = 0 AS quality_ok,
  COALESCE(n.runs_7d, 0) AS runs_7d, COALESCE(n.failed_7d, 0) AS failed_7d,
  CASE WHEN n.runs_7d > 0 THEN 1 - CAST(n.failed_7d AS DOUBLE) / n.runs_7d END AS success_share_7d
FROM ops.dim_pipeline AS p
CROSS JOIN ops.clock AS c
LEFT JOIN last_success AS s ON s.pipeline = p.pipeline
LEFT JOIN findings AS f ON f.table_name = p.writes
LEFT JOIN recent AS n ON n.pipeline = p.pipeline;
