-- The account's own means: a stream notices rows that were added to ops.jobs, a task that runs only then takes them off the stream, and a task
-- after it runs a worker until nothing is left to do. Warehouse, pool and image are those of Martlet's own files. Both tasks are created suspended.
CREATE TABLE IF NOT EXISTS ops.job_notices (
  id VARCHAR NOT NULL,
  noticed_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE STREAM IF NOT EXISTS ops.jobs_added ON TABLE ops.jobs APPEND_ONLY = TRUE;

CREATE OR ALTER TASK ops.notice_jobs
  WAREHOUSE = <% prefix %>_META
  SCHEDULE = '1 MINUTE'
  USER_TASK_TIMEOUT_MS = 60000
  WHEN SYSTEM$STREAM_HAS_DATA('ops.jobs_added')
AS INSERT INTO ops.job_notices (id, noticed_at)
SELECT s.id, SYSDATE() FROM ops.jobs_added AS s WHERE s.state IS NULL;

CREATE OR ALTER TASK ops.run_jobs
  WAREHOUSE = <% prefix %>_META
  USER_TASK_TIMEOUT_MS = 21600000
  AFTER ops.notice_jobs
AS EXECUTE JOB SERVICE IN COMPUTE POOL <% prefix %>_JOBS
  FROM SPECIFICATION_TEMPLATE $$
spec:
  containers:
  - name: martlet
    image: {{ image }}
    command: ["npx", "martlet", "worker", "--once", "--events"]
$$ USING (image => <% image %>)
  QUERY_WAREHOUSE = <% prefix %>_WORK;

-- What the schedule of martlet.config.ts asks for every morning, asked for by the account itself.
CREATE OR ALTER TASK ops.ask_morning
  WAREHOUSE = <% prefix %>_META
  SCHEDULE = <% morning_cron %>
  USER_TASK_TIMEOUT_MS = 60000
AS INSERT INTO ops.jobs (id, type, input, created_by, created_at)
SELECT CONCAT('morning-', TO_VARCHAR(CAST(SYSDATE() AS DATE))), 'executive-report', '{}', 'ops.ask_morning', SYSDATE();
