-- A time without an offset is the clock on the wall; an hour that it shows twice is the second one.
SELECT
  event ->> '$.meterpoint_id' AS meterpoint_id,
  event ->> '$.serial' AS serial,
  CASE
    WHEN LENGTH(started) = 19 THEN timezone('UTC', timezone('Europe/London', TRY_CAST(started AS TIMESTAMP)))
    ELSE TRY_CAST(TRY_CAST(started AS TIMESTAMPTZ) AS TIMESTAMP)
  END AS ts,
  CAST(ROUND(TRY_CAST(event ->> '$.kwh' AS DOUBLE) * 1000) AS BIGINT) AS wh,
  EPOCH_US(_arrived_at) * 1000 + _line AS version,
  _arrived_at AS arrived_at
FROM (
  SELECT CASE WHEN JSON_VALID(event) THEN event ELSE '{}' END AS event, _arrived_at, _line,
    CASE WHEN JSON_VALID(event) THEN event ->> '$.interval_start' END AS started
  FROM raw.readings
) AS r
