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
