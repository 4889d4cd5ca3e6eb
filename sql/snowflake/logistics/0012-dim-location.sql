-- Depots, hubs and places of customers, which do not move. `kind` is depot, hub or customer; `region` is north, east, south or west.
CREATE TABLE IF NOT EXISTS mart.dim_location (
  location_id VARCHAR NOT NULL,
  name VARCHAR,
  kind VARCHAR,
  region VARCHAR,
  latitude DOUBLE,
  longitude DOUBLE,
  valid_from TIMESTAMP_NTZ(6) NOT NULL
);
