-- Weather and traffic where a route begins, whenever the weather was observed.
WITH routes AS (
  SELECT DISTINCT r.route_id, l.region
  FROM raw.routes AS r
  JOIN raw.locations AS l ON l.location_id = r.origin_id
)
SELECT r.route_id, w.observed_at, t.congestion, t.roadworks, w.rain_mm, w.condition,
  CASE WHEN w._loaded_at > t._loaded_at THEN w._loaded_at ELSE t._loaded_at END AS _loaded_at
FROM raw.weather AS w
JOIN raw.traffic AS t ON t.region = w.region AND t.observed_at = w.observed_at
JOIN routes AS r ON r.region = w.region
