-- One row per part of the platform: ok, warn or down, and how much of it is well.
CREATE OR REPLACE VIEW ops.operational_status AS
WITH pipelines AS (
  SELECT COUNT(*) AS total, CAST(SUM(CASE WHEN s.fresh THEN 1 ELSE 0 END) AS BIGINT) AS fresh,
    CAST(SUM(CASE WHEN s.quality_ok THEN 1 ELSE 0 END) AS BIGINT) AS sound,
    CAST(SUM(s.runs_7d) AS BIGINT) AS runs, CAST(SUM(s.failed_7d) AS BIGINT) AS failed
  FROM ops.pipeline_sla AS s
), queue_now AS (
  SELECT q.queue, MAX(q.sampled_at) AS sampled_at FROM ops.fact_queue AS q GROUP BY q.queue
), queues AS (
  SELECT COUNT(*) AS total, CAST(SUM(CASE WHEN q.waiting <= 20 THEN 1 ELSE 0 END) AS BIGINT) AS short
  FROM ops.fact_queue AS q
  INNER JOIN queue_now AS n ON n.queue = q.queue AND n.sampled_at = q.sampled_at
), work AS (
  SELECT CAST(COALESCE(SUM(m.succeeded_24h), 0) AS BIGINT) AS succeeded, CAST(COALESCE(SUM(m.failed_24h), 0) AS BIGINT) AS failed,
    COALESCE(MAX(m.oldest_waiting_seconds), 0) AS oldest
  FROM ops.job_monitoring AS m
), parts AS (
  SELECT 1 AS place, 'freshness' AS part, p.fresh AS well, p.total AS total, 0.7 AS least FROM pipelines AS p
  UNION ALL SELECT 2 AS place, 'quality' AS part, p.sound AS well, p.total AS total, 0.9 AS least FROM pipelines AS p
  UNION ALL SELECT 3 AS place, 'runs of the week' AS part, p.runs - p.failed AS well, p.runs AS total, 0.9 AS least FROM pipelines AS p
  UNION ALL SELECT 4 AS place, 'queues' AS part, q.short AS well, q.total AS total, 0.5 AS least FROM queues AS q
  UNION ALL SELECT 5 AS place, 'jobs of the day' AS part, w.succeeded AS well, w.succeeded + w.failed AS total, 0.8 AS least FROM work AS w
)
SELECT p.place, p.part, p.well, p.total,
  CASE WHEN p.total = 0 OR p.well = p.total THEN 'ok' WHEN p.well >= p.least * p.total THEN 'warn' ELSE 'down' END AS status
FROM parts AS p;
