-- How a route went on a UTC day, by the shipments that were delivered on it, and what the road was like in an hour.
CREATE TABLE IF NOT EXISTS mart.fact_route_performance (
  route_id VARCHAR NOT NULL,
  day DATE NOT NULL,
  day_end TIMESTAMP NOT NULL,
  deliveries INTEGER NOT NULL,
  late INTEGER NOT NULL,
  mean_minutes DOUBLE,
  mean_delay_minutes DOUBLE,
  PRIMARY KEY (route_id, day)
);
CREATE TABLE IF NOT EXISTS mart.fact_route_conditions (
  route_id VARCHAR NOT NULL,
  observed_at TIMESTAMP NOT NULL,
  congestion DOUBLE,
  roadworks INTEGER,
  rain_mm DOUBLE,
  condition VARCHAR,
  PRIMARY KEY (route_id, observed_at)
);
