-- A route between two locations; what is planned for it can change.
CREATE TABLE IF NOT EXISTS mart.dim_route (
  route_id VARCHAR NOT NULL,
  origin_id VARCHAR,
  destination_id VARCHAR,
  distance_km DOUBLE,
  planned_minutes DOUBLE,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP
);
