-- Where tasks run Martlet: one small node at most, and a place for its image. The pool suspends itself five minutes after the last job.
CREATE COMPUTE POOL IF NOT EXISTS <% prefix %>_JOBS MIN_NODES = 1 MAX_NODES = 1 INSTANCE_FAMILY = CPU_X64_XS AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE;
ALTER COMPUTE POOL <% prefix %>_JOBS SET MIN_NODES = 1 MAX_NODES = 1 AUTO_SUSPEND_SECS = 300;
CREATE IMAGE REPOSITORY IF NOT EXISTS jobs.images;
GRANT USAGE, MONITOR ON COMPUTE POOL <% prefix %>_JOBS TO ROLE <% prefix %>_ADMIN;
GRANT USAGE ON SCHEMA jobs TO ROLE <% prefix %>_ADMIN;
GRANT READ, WRITE ON IMAGE REPOSITORY jobs.images TO ROLE <% prefix %>_ADMIN;
