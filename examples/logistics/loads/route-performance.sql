-- How a route went on the UTC day of its deliveries. Times are whole minutes, so that their sums are exact.
SELECT route_id,
  CAST(delivered_at AS DATE) AS day,
  CAST(delivered_at AS DATE) + 1 AS day_end,
  CAST(COUNT(*) AS INTEGER) AS deliveries,
  CAST(SUM(CASE WHEN late THEN 1 ELSE 0 END) AS INTEGER) AS late,
  AVG(CASE WHEN driven_minutes >= 0 THEN driven_minutes END) AS mean_minutes,
  AVG(delay_minutes) AS mean_delay_minutes,
  MAX(_loaded_at) AS _loaded_at
FROM mart.fact_delivery
WHERE route_id IS NOT NULL
GROUP BY route_id, CAST(delivered_at AS DATE)
