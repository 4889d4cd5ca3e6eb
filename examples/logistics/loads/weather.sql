-- An observation holds until the next one of its region. When a later one arrives, this row has changed as well.
SELECT region, temperature_c, rain_mm, wind_kmh, condition,
  observed_at AS valid_from,
  LEAD(observed_at) OVER (PARTITION BY region ORDER BY observed_at) AS valid_to,
  CASE
    WHEN LEAD(_loaded_at) OVER (PARTITION BY region ORDER BY observed_at) > _loaded_at
    THEN LEAD(_loaded_at) OVER (PARTITION BY region ORDER BY observed_at)
    ELSE _loaded_at
  END AS _loaded_at
FROM raw.weather
