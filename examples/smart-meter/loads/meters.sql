SELECT event ->> '$.serial' AS serial, event ->> '$.meterpoint_id' AS meterpoint_id,
  CAST(CAST(event ->> '$.installed_at' AS TIMESTAMPTZ) AS TIMESTAMP) AS installed_at,
  CAST(CAST(event ->> '$.removed_at' AS TIMESTAMPTZ) AS TIMESTAMP) AS removed_at,
  _arrived_at
FROM raw.meters
