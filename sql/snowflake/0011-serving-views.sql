-- What holds now: the version behind every alias, how far every feature view is, the newest result of every monitor, and findings without
-- the values that they quote. The newest row of every entity is in ml.<view>_latest, which materialize defines with the view's table.
CREATE OR REPLACE VIEW ml.live_models COPY GRANTS AS
SELECT a.model, a.alias, a.version, v.service, v.artifact_sha256, v.lifecycle, a.updated_ms
FROM registry.model_aliases AS a
INNER JOIN registry.model_versions AS v ON v.model = a.model AND v.version = a.version;

CREATE OR REPLACE VIEW ml.view_freshness COPY GRANTS AS
SELECT s."VIEW" AS view_name, s.watermark, s.published_time, s.published_at, s.pending_phase
FROM catalog.view_states AS s;

CREATE OR REPLACE VIEW monitoring.drift_latest COPY GRANTS AS
SELECT n.monitor, n.window_from, n.window_to, n.evaluated_at, n.profile, n.column_name, n.metric, n.status, n.severity, n.value, n.effect, n.p, n.q, n.row_count, n.sentence
FROM (
  SELECT d.monitor, d.window_from, d.window_to, d.evaluated_at, d.profile, d.column_name, d.metric, d.status, d.severity, d.value, d.effect, d.p, d.q, d.row_count, d.sentence,
    RANK() OVER (PARTITION BY d.monitor ORDER BY d.window_to DESC NULLS FIRST, d.evaluated_at DESC NULLS LAST) AS newest
  FROM monitoring.drift_results AS d
) AS n
WHERE n.newest = 1;

CREATE OR REPLACE VIEW monitoring.quality_findings COPY GRANTS AS
SELECT q.run_id, q.view_name, q.table_name, q.column_name, q.check_name, q.severity, q.passed, q.failed_rows, q.checked_rows, q.scanned,
  q.checked_at
FROM monitoring.quality_results AS q;

-- The promise of quality: which share of checks passed, a day, table and severity; and the newest run of checks of each
-- table, with the time since.
CREATE OR REPLACE VIEW monitoring.quality_days COPY GRANTS AS
SELECT CAST(q.checked_at AS DATE) AS day, q.table_name, q.severity, COUNT(*) AS checks, COUNT(CASE WHEN q.passed THEN 1 END) AS passed,
  CAST(COUNT(CASE WHEN q.passed THEN 1 END) AS DOUBLE) / COUNT(*) AS passed_share, SUM(q.failed_rows) AS failed_rows, SUM(q.checked_rows) AS checked_rows
FROM monitoring.quality_results AS q
GROUP BY CAST(q.checked_at AS DATE), q.table_name, q.severity;

CREATE OR REPLACE VIEW monitoring.quality_now COPY GRANTS AS
SELECT q.table_name, q.severity, n.last_checked_at, COUNT(*) AS checks, COUNT(CASE WHEN q.passed THEN 1 END) AS passed,
  CAST(COUNT(CASE WHEN q.passed THEN 1 END) AS DOUBLE) / COUNT(*) AS passed_share,
  CAST(DATE_PART(epoch_microsecond, SYSDATE()) - DATE_PART(epoch_microsecond, n.last_checked_at) AS DOUBLE) / 60000000 AS minutes_since_check
FROM monitoring.quality_results AS q
INNER JOIN (
  SELECT r.table_name, r.run_id, r.last_checked_at, ROW_NUMBER() OVER (PARTITION BY r.table_name ORDER BY r.last_checked_at DESC NULLS LAST, r.run_id) AS newest
  FROM (
    SELECT l.table_name, l.run_id, MAX(l.checked_at) AS last_checked_at FROM monitoring.quality_results AS l GROUP BY l.table_name, l.run_id
  ) AS r
) AS n ON n.table_name = q.table_name AND n.run_id = q.run_id AND n.newest = 1
GROUP BY q.table_name, q.severity, n.last_checked_at;
