-- By half-hour of London's clock and day, so that a view of half-hours of the clock can read the day that begins. Where the clock
-- shows a half-hour twice, the mean of both.
SELECT slot, timezone('UTC', timezone('Europe/London', CAST(day AS TIMESTAMP))) AS valid_from,
  timezone('UTC', timezone('Europe/London', CAST(day + 1 AS TIMESTAMP))) AS valid_to,
  AVG(pence) AS pence, MAX(_arrived_at) AS published_at
FROM (
  SELECT CAST(EPOCH(local - DATE_TRUNC('day', local)) AS INTEGER) // 1800 AS slot, CAST(local AS DATE) AS day, pence, _arrived_at
  FROM (
    SELECT timezone('Europe/London', CAST(event ->> '$.valid_from' AS TIMESTAMPTZ)) AS local,
      CAST(event ->> '$.pence_per_kwh' AS DOUBLE) AS pence, _arrived_at
    FROM raw.prices
  ) AS p
) AS h
GROUP BY slot, day
