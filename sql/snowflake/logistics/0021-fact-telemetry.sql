-- One row per reading of a vehicle: counters of the odometer (km) and the engine (hours), fuel burnt since the reading before (l), speed,
-- temperature, and a fault code where the engine reports one. `arrived_at` is when the warehouse learned of it. Unique by vehicle_id and
-- recorded_at, which loads see to. Clustered by day, then vehicle: loads add the last days, windows read ranges of days of each vehicle.
CREATE TABLE IF NOT EXISTS mart.fact_vehicle_telemetry (
  vehicle_id VARCHAR NOT NULL,
  recorded_at TIMESTAMP_NTZ(6) NOT NULL,
  odometer_km DOUBLE,
  engine_hours DOUBLE,
  fuel_l DOUBLE,
  speed_kmh DOUBLE,
  engine_temp_c DOUBLE,
  fault_code VARCHAR,
  arrived_at TIMESTAMP_NTZ(6) NOT NULL
) CLUSTER BY (CAST(recorded_at AS DATE), vehicle_id);
