-- Shipments that were picked up, or that arrived although no scan says when they were, with the route as it was then.
WITH plans AS (
  SELECT route_id, origin_id, destination_id, distance_km, updated_at AS holds_from,
    LEAD(updated_at) OVER (PARTITION BY route_id ORDER BY updated_at) AS holds_until
  FROM raw.routes
),
shipments AS (
  SELECT shipment_id, customer_id, vehicle_id, route_id, weight_kg, price, picked_up_at, promised_at, delivered_at,
    _loaded_at, COALESCE(picked_up_at, promised_at) AS planned_at
  FROM staging.shipments
  WHERE picked_up_at IS NOT NULL OR delivered_at IS NOT NULL
)
SELECT s.shipment_id, s.customer_id, s.vehicle_id, s.route_id, p.origin_id, p.destination_id, p.distance_km, s.weight_kg,
  s.price, s.picked_up_at, s.promised_at, s.delivered_at, s._loaded_at
FROM shipments AS s
LEFT JOIN plans AS p
  ON p.route_id = s.route_id AND s.planned_at >= p.holds_from
  AND (p.holds_until IS NULL OR s.planned_at < p.holds_until)
