-- What the systems of a carrier deliver, as they deliver it: rows come late, twice and in any order, and a newer version of a row is one
-- more row. `_loaded_at` is when a row arrived here; every load reads the rows that arrived since the one before. Times are UTC.
-- Not clustered: rows lie as they arrived, which is how they are read.
CREATE TABLE IF NOT EXISTS raw.customers (
  customer_id VARCHAR,
  name VARCHAR,
  email VARCHAR,
  segment VARCHAR,
  tier VARCHAR,
  depot_id VARCHAR,
  credit_limit NUMBER(12, 2),
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.vehicles (
  vehicle_id VARCHAR,
  plate VARCHAR,
  vehicle_type VARCHAR,
  capacity_kg DOUBLE,
  commissioned_on DATE,
  home_site_id VARCHAR,
  status VARCHAR,
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.locations (
  location_id VARCHAR,
  name VARCHAR,
  kind VARCHAR,
  region VARCHAR,
  latitude DOUBLE,
  longitude DOUBLE,
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.routes (
  route_id VARCHAR,
  origin_id VARCHAR,
  destination_id VARCHAR,
  distance_km DOUBLE,
  planned_minutes DOUBLE,
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
-- One row per change of a shipment: created, picked up, delivered, corrected.
CREATE TABLE IF NOT EXISTS raw.shipments (
  shipment_id VARCHAR,
  customer_id VARCHAR,
  vehicle_id VARCHAR,
  route_id VARCHAR,
  weight_kg DOUBLE,
  price NUMBER(12, 2),
  picked_up_at TIMESTAMP_NTZ(6),
  promised_at TIMESTAMP_NTZ(6),
  delivered_at TIMESTAMP_NTZ(6),
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.telemetry (
  vehicle_id VARCHAR,
  recorded_at TIMESTAMP_NTZ(6),
  odometer_km DOUBLE,
  engine_hours DOUBLE,
  fuel_l DOUBLE,
  speed_kmh DOUBLE,
  engine_temp_c DOUBLE,
  fault_code VARCHAR,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.maintenance (
  work_order_id VARCHAR,
  vehicle_id VARCHAR,
  kind VARCHAR,
  performed_at TIMESTAMP_NTZ(6),
  cost NUMBER(12, 2),
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.maintenance_schedule (
  vehicle_type VARCHAR,
  kind VARCHAR,
  every_days NUMBER(10, 0),
  every_km DOUBLE,
  every_engine_hours DOUBLE,
  updated_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.weather (
  region VARCHAR,
  observed_at TIMESTAMP_NTZ(6),
  temperature_c DOUBLE,
  rain_mm DOUBLE,
  wind_kmh DOUBLE,
  condition VARCHAR,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
-- A statement holds until the next one, unless it says itself until when.
CREATE TABLE IF NOT EXISTS raw.traffic (
  region VARCHAR,
  observed_at TIMESTAMP_NTZ(6),
  valid_until TIMESTAMP_NTZ(6),
  congestion DOUBLE,
  roadworks NUMBER(10, 0),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
-- The days of the calendar, a year ahead.
CREATE TABLE IF NOT EXISTS raw.calendar (
  date DATE,
  year NUMBER(10, 0),
  month NUMBER(10, 0),
  weekday NUMBER(10, 0),
  is_weekend BOOLEAN,
  is_holiday BOOLEAN,
  holiday VARCHAR,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
