-- Weather and traffic of a region: an observation holds until the next one.
-- `condition` is dry, rain, snow or storm; `congestion` is the share of travel time that is lost, 0 to 1.
CREATE TABLE IF NOT EXISTS mart.dim_weather (
  region VARCHAR NOT NULL,
  temperature_c DOUBLE,
  rain_mm DOUBLE,
  wind_kmh DOUBLE,
  condition VARCHAR,
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
CREATE TABLE IF NOT EXISTS mart.dim_traffic (
  region VARCHAR NOT NULL,
  congestion DOUBLE,
  roadworks NUMBER(10, 0),
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
