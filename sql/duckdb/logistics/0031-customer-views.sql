-- Customers as they are now with what they have sent, shipments on their way, and those that have arrived. A shipment whose last scan is
-- missing stays on its way. On Snowflake these views mask and filter (snowflake/logistics-protection).
CREATE SCHEMA IF NOT EXISTS ml;
CREATE OR REPLACE VIEW ml.customer_now AS
SELECT c.customer_id AS customer_id, c.name, c.email, c.segment, c.tier, c.depot_id, c.credit_limit, c.valid_from,
  COALESCE(s.shipments, 0) AS shipments, COALESCE(s.open_shipments, 0) AS open_shipments, COALESCE(s.late_shipments, 0) AS late_shipments,
  s.last_picked_up_at, s.last_delivered_at
FROM mart.dim_customer AS c
LEFT JOIN (
  SELECT f.customer_id, COUNT(*) AS shipments, COUNT(CASE WHEN f.delivered_at IS NULL THEN 1 END) AS open_shipments,
    COUNT(CASE WHEN f.delivered_at > f.promised_at THEN 1 END) AS late_shipments, MAX(f.picked_up_at) AS last_picked_up_at,
    MAX(f.delivered_at) AS last_delivered_at
  FROM mart.fact_shipment AS f GROUP BY f.customer_id
) AS s ON s.customer_id = c.customer_id
WHERE c.valid_to IS NULL;

CREATE OR REPLACE VIEW ml.shipments_open AS
SELECT f.shipment_id, f.customer_id AS customer_id, f.vehicle_id, f.route_id, f.origin_id, f.destination_id, f.distance_km, f.weight_kg, f.price,
  f.picked_up_at, f.promised_at
FROM mart.fact_shipment AS f
WHERE f.delivered_at IS NULL;

CREATE OR REPLACE VIEW ml.deliveries AS
SELECT f.shipment_id, f.customer_id AS customer_id, f.vehicle_id, f.route_id, f.origin_id, f.destination_id, f.distance_km, f.weight_kg, f.price,
  f.picked_up_at, f.promised_at, f.delivered_at, f.delay_minutes, f.driven_minutes, f.late
FROM mart.fact_delivery AS f;
