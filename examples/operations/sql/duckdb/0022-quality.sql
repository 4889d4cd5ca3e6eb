-- What martlet check and materialize have found.
CREATE TABLE IF NOT EXISTS monitoring.quality_results (
  run_id VARCHAR,
  view_name VARCHAR,
  table_name VARCHAR,
  column_name VARCHAR,
  check_name VARCHAR,
  severity VARCHAR,
  passed BOOLEAN,
  failed_rows BIGINT,
  checked_rows BIGINT,
  example VARCHAR,
  query VARCHAR,
  scanned VARCHAR,
  checked_at TIMESTAMP
);
