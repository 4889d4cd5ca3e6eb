-- The newest version of every row of raw, by key. Loads merge into these tables; raw keeps everything.
-- Snowflake does not enforce keys, so none is declared here or in mart: loads see to them.
CREATE TABLE IF NOT EXISTS staging.customers (
  customer_id VARCHAR NOT NULL,
  name VARCHAR,
  email VARCHAR,
  segment VARCHAR,
  tier VARCHAR,
  depot_id VARCHAR,
  credit_limit NUMBER(12, 2),
  updated_at TIMESTAMP_NTZ(6) NOT NULL,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS staging.vehicles (
  vehicle_id VARCHAR NOT NULL,
  plate VARCHAR,
  vehicle_type VARCHAR,
  capacity_kg DOUBLE,
  commissioned_on DATE,
  home_site_id VARCHAR,
  status VARCHAR,
  updated_at TIMESTAMP_NTZ(6) NOT NULL,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
CREATE TABLE IF NOT EXISTS staging.shipments (
  shipment_id VARCHAR NOT NULL,
  customer_id VARCHAR,
  vehicle_id VARCHAR,
  route_id VARCHAR,
  weight_kg DOUBLE,
  price NUMBER(12, 2),
  picked_up_at TIMESTAMP_NTZ(6),
  promised_at TIMESTAMP_NTZ(6),
  delivered_at TIMESTAMP_NTZ(6),
  updated_at TIMESTAMP_NTZ(6) NOT NULL,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
-- The schedule as it holds for every vehicle, one row per change; it becomes mart.dim_maintenance_schedule.
CREATE TABLE IF NOT EXISTS staging.vehicle_schedule (
  vehicle_id VARCHAR NOT NULL,
  oil_every_km DOUBLE,
  oil_every_days NUMBER(10, 0),
  brakes_every_km DOUBLE,
  tyres_every_km DOUBLE,
  inspection_every_days NUMBER(10, 0),
  inspection_every_engine_hours DOUBLE,
  updated_at TIMESTAMP_NTZ(6) NOT NULL,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
