-- One row per type of job: what waits and runs, what the last day and week brought, how long jobs waited and took, and how many attempts were lost.
CREATE OR REPLACE VIEW ops.job_monitoring AS
WITH timed AS (
  SELECT j.type, j.state, j.attempts, j.created_at, j.ended_at,
    epoch_us(c.now) - epoch_us(j.ended_at) AS ended_ago, epoch_us(c.now) - epoch_us(j.created_at) AS created_ago,
    CAST(epoch_us(j.started_at) - epoch_us(j.created_at) AS DOUBLE) / 1000000 AS wait_seconds,
    CAST(epoch_us(j.ended_at) - epoch_us(j.started_at) AS DOUBLE) / 1000000 AS work_seconds
  FROM ops.jobs AS j
  CROSS JOIN ops.clock AS c
), lost AS (
  SELECT j.type, COUNT(*) AS attempts_lost
  FROM ops.job_runs AS r
  INNER JOIN ops.jobs AS j ON j.job_id = r.job_id
  WHERE r.outcome = 'lost'
  GROUP BY j.type
), artifacts AS (
  SELECT j.type, COUNT(*) AS artifacts, CAST(SUM(a.bytes) AS BIGINT) AS artifact_bytes
  FROM ops.job_artifacts AS a
  INNER JOIN ops.jobs AS j ON j.job_id = a.job_id
  GROUP BY j.type
), counted AS (
  SELECT t.type, COUNT(*) AS jobs,
    CAST(SUM(CASE WHEN t.state IS NULL OR t.state = 'queued' THEN 1 ELSE 0 END) AS BIGINT) AS waiting,
    CAST(SUM(CASE WHEN t.state = 'running' THEN 1 ELSE 0 END) AS BIGINT) AS running,
    CAST(SUM(CASE WHEN t.state = 'succeeded' AND t.ended_ago <= 86400000000 THEN 1 ELSE 0 END) AS BIGINT) AS succeeded_24h,
    CAST(SUM(CASE WHEN t.state IN ('failed', 'refused') AND t.ended_ago <= 86400000000 THEN 1 ELSE 0 END) AS BIGINT) AS failed_24h,
    CAST(SUM(CASE WHEN t.state = 'succeeded' AND t.ended_ago <= 604800000000 THEN 1 ELSE 0 END) AS BIGINT) AS succeeded_7d,
    CAST(SUM(CASE WHEN t.state IN ('failed', 'refused') AND t.ended_ago <= 604800000000 THEN 1 ELSE 0 END) AS BIGINT) AS failed_7d,
    CAST(SUM(CASE WHEN t.attempts > 1 THEN t.attempts - 1 ELSE 0 END) AS BIGINT) AS repeated_attempts,
    CAST(MAX(CASE WHEN t.state IS NULL OR t.state = 'queued' THEN t.created_ago END) AS DOUBLE) / 1000000 AS oldest_waiting_seconds,
    AVG(t.wait_seconds) AS mean_wait_seconds, AVG(t.work_seconds) AS mean_work_seconds,
    PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY t.work_seconds) AS p95_work_seconds,
    MAX(CASE WHEN t.state = 'succeeded' THEN t.ended_at END) AS succeeded_at
  FROM timed AS t
  GROUP BY t.type
)
SELECT k.type, k.jobs, k.waiting, k.running, k.succeeded_24h, k.failed_24h, k.succeeded_7d, k.failed_7d,
  CASE WHEN k.succeeded_7d + k.failed_7d > 0 THEN CAST(k.succeeded_7d AS DOUBLE) / (k.succeeded_7d + k.failed_7d) END AS success_share_7d,
  k.repeated_attempts, COALESCE(l.attempts_lost, 0) AS attempts_lost, k.oldest_waiting_seconds, k.mean_wait_seconds,
  k.mean_work_seconds, k.p95_work_seconds, k.succeeded_at, COALESCE(a.artifacts, 0) AS artifacts, COALESCE(a.artifact_bytes, 0) AS artifact_bytes
FROM counted AS k
LEFT JOIN lost AS l ON l.type = k.type
LEFT JOIN artifacts AS a ON a.type = k.type;
