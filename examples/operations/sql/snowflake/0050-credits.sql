-- Credits by pipeline and day, from the account's own records, which are behind by up to 8 hours: the work of a pipeline is what ran with its
-- name as QUERY_TAG. DuckDB has no such records.
CREATE OR REPLACE VIEW ops.pipeline_credits COPY GRANTS AS
SELECT a.query_tag AS pipeline, CAST(a.start_time AS DATE) AS day, COUNT(*) AS statements, SUM(a.credits_attributed_compute) AS compute_credits,
  SUM(q.total_elapsed_time) AS elapsed_ms, SUM(q.bytes_scanned) AS bytes_scanned
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY AS a
INNER JOIN SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY AS q ON q.query_id = a.query_id
INNER JOIN ops.dim_pipeline AS p ON p.pipeline = a.query_tag
GROUP BY a.query_tag, CAST(a.start_time AS DATE);
