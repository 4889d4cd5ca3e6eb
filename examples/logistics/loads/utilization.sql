-- What a vehicle carried on a UTC day. Sums of decimals are the same in any order; those of doubles are not.
SELECT s.vehicle_id,
  CAST(s.picked_up_at AS DATE) AS day,
  CAST(s.picked_up_at AS DATE) + 1 AS day_end,
  CAST(COUNT(*) AS INTEGER) AS shipments,
  CAST(SUM(CAST(s.weight_kg AS DECIMAL(18, 3))) AS DOUBLE PRECISION) AS loaded_kg,
  MAX(v.capacity_kg) AS capacity_kg,
  CAST(SUM(CAST(s.weight_kg AS DECIMAL(18, 3))) AS DOUBLE PRECISION) / (COUNT(*) * MAX(v.capacity_kg)) AS load_share,
  CAST(SUM(CAST(s.distance_km AS DECIMAL(18, 3))) AS DOUBLE PRECISION) AS planned_km,
  MAX(s._loaded_at) AS _loaded_at
FROM mart.fact_shipment AS s
LEFT JOIN staging.vehicles AS v ON v.vehicle_id = s.vehicle_id
WHERE s.picked_up_at IS NOT NULL AND s.vehicle_id IS NOT NULL
GROUP BY s.vehicle_id, CAST(s.picked_up_at AS DATE)
