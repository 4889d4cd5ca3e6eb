-- Materialize on a schedule, and look for drift when that is done. Tasks are created suspended; docs/deploy.md says how to resume them, and that
-- cron with the martlet command does the same. A job without a name gets one from Snowflake, since finished ones keep theirs for 14 days.
-- Their owner must be <prefix>_SCHEDULER before they run: a job cannot belong to ACCOUNTADMIN, and has the rights of its owner.
CREATE OR ALTER TASK jobs.materialize
  WAREHOUSE = <% prefix %>_META
  SCHEDULE = <% materialize_cron %>
  USER_TASK_TIMEOUT_MS = 7200000
  SUSPEND_TASK_AFTER_NUM_FAILURES = 5
AS EXECUTE JOB SERVICE IN COMPUTE POOL <% prefix %>_JOBS
  FROM SPECIFICATION_TEMPLATE $$
spec:
  containers:
  - name: martlet
    image: {{ image }}
    command: ["npx", "martlet", "materialize", "--events"]
$$ USING (image => <% image %>)
  QUERY_WAREHOUSE = <% prefix %>_WORK;

CREATE OR ALTER TASK jobs.drift
  WAREHOUSE = <% prefix %>_META
  USER_TASK_TIMEOUT_MS = 7200000
  AFTER jobs.materialize
AS EXECUTE JOB SERVICE IN COMPUTE POOL <% prefix %>_JOBS
  FROM SPECIFICATION_TEMPLATE $$
spec:
  containers:
  - name: martlet
    image: {{ image }}
    command: ["npx", "martlet", "drift", "--events"]
$$ USING (image => <% image %>)
  QUERY_WAREHOUSE = <% prefix %>_WORK;

GRANT MONITOR, OPERATE ON TASK jobs.materialize TO ROLE <% prefix %>_ADMIN;
GRANT MONITOR, OPERATE ON TASK jobs.drift TO ROLE <% prefix %>_ADMIN;
