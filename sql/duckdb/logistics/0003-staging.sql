-- The newest version of every row of raw, by key. Loads merge into these tables; raw keeps everything.
CREATE TABLE IF NOT EXISTS staging.customers (
  customer_id VARCHAR NOT NULL PRIMARY KEY,
  name VARCHAR,
  email VARCHAR,
  segment VARCHAR,
  tier VARCHAR,
  depot_id VARCHAR,
  credit_limit DECIMAL(12, 2),
  updated_at TIMESTAMP NOT NULL,
  _loaded_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS staging.vehicles (
  vehicle_id VARCHAR NOT NULL PRIMARY KEY,
  plate VARCHAR,
  vehicle_type VARCHAR,
  capacity_kg DOUBLE,
  commissioned_on DATE,
  home_site_id VARCHAR,
  status VARCHAR,
  updated_at TIMESTAMP NOT NULL,
  _loaded_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS staging.shipments (
  shipment_id VARCHAR NOT NULL PRIMARY KEY,
  customer_id VARCHAR,
  vehicle_id VARCHAR,
  route_id VARCHAR,
  weight_kg DOUBLE,
  price DECIMAL(12, 2),
  picked_up_at TIMESTAMP,
  promised_at TIMESTAMP,
  delivered_at TIMESTAMP,
  updated_at TIMESTAMP NOT NULL,
  _loaded_at TIMESTAMP NOT NULL
);
