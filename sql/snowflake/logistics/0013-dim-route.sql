-- A route between two locations; what is planned for it can change.
CREATE TABLE IF NOT EXISTS mart.dim_route (
  route_id VARCHAR NOT NULL,
  origin_id VARCHAR,
  destination_id VARCHAR,
  distance_km DOUBLE,
  planned_minutes DOUBLE,
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
