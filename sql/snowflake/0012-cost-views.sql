-- Credits by warehouse, by warehouse and query tag, and by the role that ran the statement, a day. ACCOUNT_USAGE is behind by up to 3 hours for metering and up to 8 for
-- attribution, which leaves out idle time and statements of about 100 ms or less.
CREATE OR REPLACE VIEW monitoring.warehouse_credits COPY GRANTS AS
SELECT CAST(m.start_time AS DATE) AS day, m.warehouse_name, SUM(m.credits_used) AS credits, SUM(m.credits_used_compute) AS compute_credits, SUM(m.credits_used_cloud_services) AS cloud_services_credits
FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY AS m
GROUP BY CAST(m.start_time AS DATE), m.warehouse_name;

CREATE OR REPLACE VIEW monitoring.query_tag_credits COPY GRANTS AS
SELECT CAST(a.start_time AS DATE) AS day, a.warehouse_name, COALESCE(a.query_tag, '') AS query_tag, COUNT(*) AS queries, SUM(a.credits_attributed_compute) AS compute_credits
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY AS a
GROUP BY CAST(a.start_time AS DATE), a.warehouse_name, COALESCE(a.query_tag, '');

CREATE OR REPLACE VIEW monitoring.query_tag_work COPY GRANTS AS
SELECT CAST(q.start_time AS DATE) AS day, q.warehouse_name, COALESCE(q.query_tag, '') AS query_tag, q.execution_status, COUNT(*) AS queries, SUM(q.total_elapsed_time) AS elapsed_ms,
  SUM(q.queued_overload_time) AS queued_ms, SUM(q.bytes_scanned) AS bytes_scanned, SUM(q.bytes_spilled_to_remote_storage) AS bytes_spilled
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY AS q
GROUP BY CAST(q.start_time AS DATE), q.warehouse_name, COALESCE(q.query_tag, ''), q.execution_status;

CREATE OR REPLACE VIEW monitoring.role_credits COPY GRANTS AS
SELECT CAST(a.start_time AS DATE) AS day, a.warehouse_name, q.role_name, COALESCE(a.query_tag, '') AS query_tag, COUNT(*) AS queries,
  SUM(a.credits_attributed_compute) AS compute_credits, SUM(q.bytes_scanned) AS bytes_scanned
FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_ATTRIBUTION_HISTORY AS a
INNER JOIN SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY AS q ON q.query_id = a.query_id
GROUP BY CAST(a.start_time AS DATE), a.warehouse_name, q.role_name, COALESCE(a.query_tag, '');
