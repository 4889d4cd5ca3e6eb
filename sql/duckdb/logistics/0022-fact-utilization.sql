-- One row per vehicle and UTC day with shipments picked up. `day_end` is when the day was over, and the row known. `load_share` is the
-- mean share of the capacity that a shipment took.
CREATE TABLE IF NOT EXISTS mart.fact_vehicle_utilization (
  vehicle_id VARCHAR NOT NULL,
  day DATE NOT NULL,
  day_end TIMESTAMP NOT NULL,
  shipments INTEGER NOT NULL,
  loaded_kg DOUBLE,
  capacity_kg DOUBLE,
  load_share DOUBLE,
  planned_km DOUBLE,
  PRIMARY KEY (vehicle_id, day)
);
