-- What holds now of every vehicle, for lookups by key and for dashboards; nothing here is of customers. "Now" is the vehicle's newest reading,
-- so the views say the same of stored data whenever they are asked.
CREATE SCHEMA IF NOT EXISTS ml;
CREATE OR REPLACE VIEW ml.vehicle_now COPY GRANTS AS
SELECT v.vehicle_id, v.plate, v.vehicle_type, v.capacity_kg, v.commissioned_on, v.home_site_id, v.status, v.valid_from,
  t.recorded_at, t.odometer_km, t.engine_hours, t.speed_kmh, t.engine_temp_c, t.fault_code, t.arrived_at
FROM mart.dim_vehicle AS v
LEFT JOIN (
  SELECT r.vehicle_id, MAX(r.recorded_at) AS recorded_at FROM mart.fact_vehicle_telemetry AS r GROUP BY r.vehicle_id
) AS n ON n.vehicle_id = v.vehicle_id
LEFT JOIN mart.fact_vehicle_telemetry AS t ON t.vehicle_id = n.vehicle_id AND t.recorded_at = n.recorded_at
WHERE v.valid_to IS NULL;

-- One row per vehicle in use and kind of service that its schedule has: what has passed since the last one, or since the vehicle was
-- commissioned, and how much of the interval that is; from 1 on the service is due. Readings without an odometer are
-- passed over. A meter that begins anew counts from there, so of a vehicle whose odometer was swapped km_since is what it drove at least.
CREATE OR REPLACE VIEW ml.maintenance_due_now COPY GRANTS AS
WITH plans AS (
  SELECT o.vehicle_id, 'oil' AS kind, o.oil_every_days AS every_days, o.oil_every_km AS every_km, CAST(NULL AS DOUBLE) AS every_engine_hours
  FROM mart.dim_maintenance_schedule AS o WHERE o.valid_to IS NULL
  UNION ALL
  SELECT b.vehicle_id, 'brakes' AS kind, CAST(NULL AS NUMBER(10, 0)) AS every_days, b.brakes_every_km AS every_km, CAST(NULL AS DOUBLE) AS every_engine_hours
  FROM mart.dim_maintenance_schedule AS b WHERE b.valid_to IS NULL
  UNION ALL
  SELECT t.vehicle_id, 'tyres' AS kind, CAST(NULL AS NUMBER(10, 0)) AS every_days, t.tyres_every_km AS every_km, CAST(NULL AS DOUBLE) AS every_engine_hours
  FROM mart.dim_maintenance_schedule AS t WHERE t.valid_to IS NULL
  UNION ALL
  SELECT i.vehicle_id, 'inspection' AS kind, i.inspection_every_days AS every_days, CAST(NULL AS DOUBLE) AS every_km,
    i.inspection_every_engine_hours AS every_engine_hours
  FROM mart.dim_maintenance_schedule AS i WHERE i.valid_to IS NULL
), services AS (
  SELECT m.vehicle_id, m.kind, MAX(m.performed_at) AS performed_at
  FROM mart.fact_maintenance AS m WHERE m.kind <> 'breakdown' GROUP BY m.vehicle_id, m.kind
), readings AS (
  SELECT r.vehicle_id, r.recorded_at, r.odometer_km, r.engine_hours
  FROM mart.fact_vehicle_telemetry AS r WHERE r.odometer_km IS NOT NULL
), newest AS (
  SELECT r.vehicle_id, r.recorded_at, r.odometer_km, r.engine_hours
  FROM readings AS r
  INNER JOIN (
    SELECT m.vehicle_id, MAX(m.recorded_at) AS recorded_at FROM readings AS m GROUP BY m.vehicle_id
  ) AS l ON l.vehicle_id = r.vehicle_id AND l.recorded_at = r.recorded_at
), read_at_service AS (
  SELECT s.vehicle_id, s.kind, s.performed_at, a.odometer_km, a.engine_hours
  FROM services AS s
  ASOF JOIN readings AS a MATCH_CONDITION (s.performed_at >= a.recorded_at) ON a.vehicle_id = s.vehicle_id
), passed AS (
  SELECT p.vehicle_id, p.kind, n.recorded_at, l.performed_at, p.every_days, p.every_km, p.every_engine_hours,
    CASE WHEN l.performed_at IS NULL THEN CAST(DATE_PART(epoch_microsecond, n.recorded_at) - DATE_PART(epoch_microsecond, CAST(v.commissioned_on AS TIMESTAMP_NTZ(6))) AS DOUBLE) / 86400000000
      WHEN l.performed_at > n.recorded_at THEN 0 ELSE CAST(DATE_PART(epoch_microsecond, n.recorded_at) - DATE_PART(epoch_microsecond, l.performed_at) AS DOUBLE) / 86400000000 END AS days_since,
    CASE WHEN l.performed_at IS NULL THEN n.odometer_km WHEN n.odometer_km >= l.odometer_km THEN n.odometer_km - l.odometer_km
      WHEN n.odometer_km < l.odometer_km THEN n.odometer_km END AS km_since,
    CASE WHEN l.performed_at IS NULL THEN n.engine_hours WHEN n.engine_hours >= l.engine_hours THEN n.engine_hours - l.engine_hours
      WHEN n.engine_hours < l.engine_hours THEN n.engine_hours END AS engine_hours_since
  FROM plans AS p
  INNER JOIN mart.dim_vehicle AS v ON v.vehicle_id = p.vehicle_id AND v.valid_to IS NULL
  LEFT JOIN newest AS n ON n.vehicle_id = p.vehicle_id
  LEFT JOIN read_at_service AS l ON l.vehicle_id = p.vehicle_id AND l.kind = p.kind
  WHERE v.status <> 'sold' AND (p.every_days IS NOT NULL OR p.every_km IS NOT NULL OR p.every_engine_hours IS NOT NULL)
), used AS (
  SELECT d.vehicle_id, d.kind, d.recorded_at, d.performed_at, d.days_since, d.km_since, d.engine_hours_since, d.every_days, d.every_km,
    d.every_engine_hours, GREATEST_IGNORE_NULLS(d.days_since / NULLIF(d.every_days, 0), d.km_since / NULLIF(d.every_km, 0),
      d.engine_hours_since / NULLIF(d.every_engine_hours, 0)) AS used_share
  FROM passed AS d
)
SELECT u.vehicle_id, u.kind, u.recorded_at AS as_of, u.performed_at AS last_performed_at, u.days_since, u.km_since, u.engine_hours_since,
  u.every_days, u.every_km, u.every_engine_hours, u.used_share, u.used_share >= 1 AS due
FROM used AS u;
