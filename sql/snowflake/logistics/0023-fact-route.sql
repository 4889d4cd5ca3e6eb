-- How a route went on a UTC day, by the shipments that were delivered on it, and what the road was like in an hour, of every route:
-- the larger table, clustered by day, then route, as its windows are read.
CREATE TABLE IF NOT EXISTS mart.fact_route_performance (
  route_id VARCHAR NOT NULL,
  day DATE NOT NULL,
  day_end TIMESTAMP_NTZ(6) NOT NULL,
  deliveries NUMBER(10, 0) NOT NULL,
  late NUMBER(10, 0) NOT NULL,
  mean_minutes DOUBLE,
  mean_delay_minutes DOUBLE
);
CREATE TABLE IF NOT EXISTS mart.fact_route_conditions (
  route_id VARCHAR NOT NULL,
  observed_at TIMESTAMP_NTZ(6) NOT NULL,
  congestion DOUBLE,
  roadworks NUMBER(10, 0),
  rain_mm DOUBLE,
  condition VARCHAR
) CLUSTER BY (CAST(observed_at AS DATE), route_id);
