-- What is due for a type of vehicle, for every vehicle of it: all kinds of service as they are due after each change of one.
WITH moments AS (
  SELECT vehicle_type, updated_at, MAX(_loaded_at) AS loaded_at
  FROM raw.maintenance_schedule
  GROUP BY vehicle_type, updated_at
),
versions AS (
  SELECT c.vehicle_type, c.updated_at, c.loaded_at, s.kind, s.every_km, s.every_days, s.every_engine_hours,
    ROW_NUMBER() OVER (
      PARTITION BY c.vehicle_type, c.updated_at, s.kind
      ORDER BY s.updated_at DESC NULLS LAST, s._loaded_at DESC NULLS LAST
    ) AS place
  FROM moments AS c
  JOIN raw.maintenance_schedule AS s ON s.vehicle_type = c.vehicle_type AND s.updated_at <= c.updated_at
),
vehicles AS (
  SELECT vehicle_id, vehicle_type, MIN(_loaded_at) AS loaded_at
  FROM raw.vehicles
  GROUP BY vehicle_id, vehicle_type
)
SELECT h.vehicle_id,
  MAX(CASE WHEN v.kind = 'oil' THEN v.every_km END) AS oil_every_km,
  MAX(CASE WHEN v.kind = 'oil' THEN v.every_days END) AS oil_every_days,
  MAX(CASE WHEN v.kind = 'brakes' THEN v.every_km END) AS brakes_every_km,
  MAX(CASE WHEN v.kind = 'tyres' THEN v.every_km END) AS tyres_every_km,
  MAX(CASE WHEN v.kind = 'inspection' THEN v.every_days END) AS inspection_every_days,
  MAX(CASE WHEN v.kind = 'inspection' THEN v.every_engine_hours END) AS inspection_every_engine_hours,
  v.updated_at,
  MAX(CASE WHEN v.loaded_at > h.loaded_at THEN v.loaded_at ELSE h.loaded_at END) AS _loaded_at
FROM versions AS v
JOIN vehicles AS h ON h.vehicle_type = v.vehicle_type
WHERE v.place = 1
GROUP BY h.vehicle_id, v.updated_at
