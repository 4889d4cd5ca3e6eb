-- A statement holds until the next one of its region, or as long as it says itself; then it can overlap others.
SELECT region, congestion, roadworks,
  observed_at AS valid_from,
  COALESCE(valid_until, LEAD(observed_at) OVER (PARTITION BY region ORDER BY observed_at)) AS valid_to,
  CASE
    WHEN LEAD(_loaded_at) OVER (PARTITION BY region ORDER BY observed_at) > _loaded_at
    THEN LEAD(_loaded_at) OVER (PARTITION BY region ORDER BY observed_at)
    ELSE _loaded_at
  END AS _loaded_at
FROM raw.traffic
