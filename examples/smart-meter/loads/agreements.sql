-- Days of an agreement are days of London.
SELECT
  CAST(event ->> '$.agreement_id' AS BIGINT) AS agreement_id,
  event ->> '$.meterpoint_id' AS meterpoint_id,
  event ->> '$.account_id' AS account_id,
  event ->> '$.product_id' AS product_id,
  event ->> '$.status' AS status,
  timezone('UTC', timezone('Europe/London', CAST(event ->> '$.valid_from' AS TIMESTAMP))) AS valid_from,
  timezone('UTC', timezone('Europe/London', CAST(event ->> '$.valid_to' AS TIMESTAMP))) AS valid_to,
  CAST(CAST(event ->> '$.updated_at' AS TIMESTAMPTZ) AS TIMESTAMP) AS updated_at,
  -- The first export that had this version.
  MIN(_arrived_at) OVER (PARTITION BY event) AS known_at,
  _arrived_at
FROM raw.agreements
