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
