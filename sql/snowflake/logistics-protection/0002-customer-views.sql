-- Customers as they are now with what they have sent, shipments on their way, and those that have arrived. A shipment whose last scan is
-- missing stays on its way. Whoever does not hold <prefix>_CUSTOMER_DATA sees keyed hashes of customers' ids, the same in every view, and
-- the rows and masks that 0001 leaves to the role that asks. Secure: their text, with the key, and what lies behind their filters are not
-- shown to who may read them.
CREATE OR REPLACE SECURE VIEW ml.customer_now COPY GRANTS AS
SELECT CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN c.customer_id
  ELSE SHA2(CONCAT(<% customer_hash_key %>, SHA2(CONCAT(<% customer_hash_key %>, c.customer_id), 256)), 256) END AS customer_id, c.name, c.email, c.segment, c.tier, c.depot_id, c.credit_limit, c.valid_from,
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

CREATE OR REPLACE SECURE VIEW ml.shipments_open COPY GRANTS AS
SELECT f.shipment_id, CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN f.customer_id
  ELSE SHA2(CONCAT(<% customer_hash_key %>, SHA2(CONCAT(<% customer_hash_key %>, f.customer_id), 256)), 256) END AS customer_id, f.vehicle_id, f.route_id, f.origin_id, f.destination_id, f.distance_km, f.weight_kg, f.price,
  f.picked_up_at, f.promised_at
FROM mart.fact_shipment AS f
WHERE f.delivered_at IS NULL;

CREATE OR REPLACE SECURE VIEW ml.deliveries COPY GRANTS AS
SELECT f.shipment_id, CASE WHEN IS_ROLE_IN_SESSION('<% prefix %>_CUSTOMER_DATA') THEN f.customer_id
  ELSE SHA2(CONCAT(<% customer_hash_key %>, SHA2(CONCAT(<% customer_hash_key %>, f.customer_id), 256)), 256) END AS customer_id, f.vehicle_id, f.route_id, f.origin_id, f.destination_id, f.distance_km, f.weight_kg, f.price,
  f.picked_up_at, f.promised_at, f.delivered_at, f.delay_minutes, f.driven_minutes, f.late
FROM mart.fact_delivery AS f;
