-- How new each table is: the newest arrival where rows carry one, else the newest moment from which a row holds or is known.
CREATE SCHEMA IF NOT EXISTS monitoring;
CREATE OR REPLACE VIEW monitoring.mart_freshness AS
SELECT f.table_name, f.row_count, f.newest, CAST(date_diff('microsecond', f.newest, CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP)) AS DOUBLE) / 60000000 AS minutes_since
FROM (
  SELECT 'raw.shipments' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM raw.shipments AS t
  UNION ALL SELECT 'raw.telemetry' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM raw.telemetry AS t
  UNION ALL SELECT 'staging.customers' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM staging.customers AS t
  UNION ALL SELECT 'staging.vehicles' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM staging.vehicles AS t
  UNION ALL SELECT 'staging.shipments' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM staging.shipments AS t
  UNION ALL SELECT 'mart.dim_customer' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_customer AS t
  UNION ALL SELECT 'mart.dim_vehicle' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_vehicle AS t
  UNION ALL SELECT 'mart.dim_location' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_location AS t
  UNION ALL SELECT 'mart.dim_route' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_route AS t
  UNION ALL SELECT 'mart.dim_weather' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_weather AS t
  UNION ALL SELECT 'mart.dim_traffic' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_traffic AS t
  UNION ALL SELECT 'mart.dim_maintenance_schedule' AS table_name, COUNT(*) AS row_count, MAX(t.valid_from) AS newest FROM mart.dim_maintenance_schedule AS t
  UNION ALL SELECT 'mart.fact_maintenance' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM mart.fact_maintenance AS t
  UNION ALL SELECT 'mart.fact_shipment' AS table_name, COUNT(*) AS row_count, MAX(t._loaded_at) AS newest FROM mart.fact_shipment AS t
  UNION ALL SELECT 'mart.fact_vehicle_telemetry' AS table_name, COUNT(*) AS row_count, MAX(t.arrived_at) AS newest FROM mart.fact_vehicle_telemetry AS t
  UNION ALL SELECT 'mart.fact_vehicle_utilization' AS table_name, COUNT(*) AS row_count, MAX(t.day_end) AS newest FROM mart.fact_vehicle_utilization AS t
  UNION ALL SELECT 'mart.fact_route_performance' AS table_name, COUNT(*) AS row_count, MAX(t.day_end) AS newest FROM mart.fact_route_performance AS t
  UNION ALL SELECT 'mart.fact_route_conditions' AS table_name, COUNT(*) AS row_count, MAX(t.observed_at) AS newest FROM mart.fact_route_conditions AS t
) AS f;
