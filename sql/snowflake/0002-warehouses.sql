-- A small warehouse for metadata and serving, and a sized one for work over all rows. Both start with the first statement and stop after a
-- minute without one; no statement runs without an end. What may change is said by ALTER, because CREATE IF NOT EXISTS changes nothing.
CREATE WAREHOUSE IF NOT EXISTS <% prefix %>_META WAREHOUSE_SIZE = XSMALL INITIALLY_SUSPENDED = TRUE;
ALTER WAREHOUSE <% prefix %>_META SET WAREHOUSE_SIZE = XSMALL, AUTO_SUSPEND = 60, AUTO_RESUME = TRUE, STATEMENT_TIMEOUT_IN_SECONDS = <% meta_timeout_seconds %>, STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 60;
CREATE WAREHOUSE IF NOT EXISTS <% prefix %>_WORK WAREHOUSE_SIZE = XSMALL INITIALLY_SUSPENDED = TRUE;
ALTER WAREHOUSE <% prefix %>_WORK SET WAREHOUSE_SIZE = <% work_warehouse_size %>, AUTO_SUSPEND = 60, AUTO_RESUME = TRUE, STATEMENT_TIMEOUT_IN_SECONDS = <% work_timeout_seconds %>, STATEMENT_QUEUED_TIMEOUT_IN_SECONDS = 600;
