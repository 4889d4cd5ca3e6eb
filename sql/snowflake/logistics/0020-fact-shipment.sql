-- One row per shipment, from pick-up to delivery; delivered_at null: still on its way. Origin and destination are those of the route when
-- it was picked up. Clustered by day, then customer: loads change shipments of the last days, windows read ranges of days, and the row filter
-- looks at the customer.
CREATE TABLE IF NOT EXISTS mart.fact_shipment (
  shipment_id VARCHAR NOT NULL,
  customer_id VARCHAR,
  vehicle_id VARCHAR,
  route_id VARCHAR,
  origin_id VARCHAR,
  destination_id VARCHAR,
  distance_km DOUBLE,
  weight_kg DOUBLE,
  price NUMBER(12, 2),
  picked_up_at TIMESTAMP_NTZ(6),
  promised_at TIMESTAMP_NTZ(6),
  delivered_at TIMESTAMP_NTZ(6),
  _loaded_at TIMESTAMP_NTZ(6) NOT NULL
) CLUSTER BY (CAST(picked_up_at AS DATE), customer_id);
-- Shipments that have arrived, as events of their delivery: what is known of punctuality is known from then on.
CREATE OR REPLACE VIEW mart.fact_delivery COPY GRANTS AS
SELECT s.shipment_id, s.customer_id, s.vehicle_id, s.route_id, s.origin_id, s.destination_id, s.distance_km, s.weight_kg, s.price,
  s.picked_up_at, s.promised_at, s.delivered_at, s._loaded_at,
  CAST(DATE_PART(epoch_microsecond, s.delivered_at) - DATE_PART(epoch_microsecond, s.promised_at) AS DOUBLE) / 60000000 AS delay_minutes,
  CAST(DATE_PART(epoch_microsecond, s.delivered_at) - DATE_PART(epoch_microsecond, s.picked_up_at) AS DOUBLE) / 60000000 AS driven_minutes,
  s.delivered_at > s.promised_at AS late
FROM mart.fact_shipment AS s
WHERE s.delivered_at IS NOT NULL;
