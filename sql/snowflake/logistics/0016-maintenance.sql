-- The schedule: how often each kind of service is due for a type of vehicle. One row per vehicle, with its type's intervals, so that it is
-- an attribute of the vehicle: null where the kind is not due by that measure.
CREATE TABLE IF NOT EXISTS mart.dim_maintenance_schedule (
  vehicle_id VARCHAR NOT NULL,
  oil_every_km DOUBLE,
  oil_every_days NUMBER(10, 0),
  brakes_every_km DOUBLE,
  tyres_every_km DOUBLE,
  inspection_every_days NUMBER(10, 0),
  inspection_every_engine_hours DOUBLE,
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
-- The history: one row per work order. `kind` is oil, brakes, tyres, inspection or breakdown; a breakdown was not planned.
CREATE TABLE IF NOT EXISTS mart.fact_maintenance (
  work_order_id VARCHAR NOT NULL,
  vehicle_id VARCHAR,
  kind VARCHAR,
  performed_at TIMESTAMP_NTZ(6),
  cost NUMBER(12, 2),
  updated_at TIMESTAMP_NTZ(6) NOT NULL,
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
);
