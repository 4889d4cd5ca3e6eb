SELECT valid_from, valid_from + INTERVAL 30 MINUTE AS valid_to, pence, published_at
FROM (
  SELECT CAST(CAST(event ->> '$.valid_from' AS TIMESTAMPTZ) AS TIMESTAMP) AS valid_from,
    CAST(event ->> '$.pence_per_kwh' AS DOUBLE) AS pence, _arrived_at AS published_at
  FROM raw.prices
) AS p
