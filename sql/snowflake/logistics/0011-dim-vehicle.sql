-- A vehicle's attributes over time, with its home depot. `vehicle_type` is van, rigid or tractor; `status` is active, workshop or sold.
CREATE TABLE IF NOT EXISTS mart.dim_vehicle (
  vehicle_id VARCHAR NOT NULL,
  plate VARCHAR,
  vehicle_type VARCHAR,
  capacity_kg DOUBLE,
  commissioned_on DATE,
  home_site_id VARCHAR,
  status VARCHAR,
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
