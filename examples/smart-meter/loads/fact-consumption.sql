-- Readings that can be: of the meter that was installed then, and between nothing and 100 kWh in a half-hour.
SELECT CAST(local AS DATE) AS day, meterpoint_id,
  CAST(CAST(EPOCH(local - DATE_TRUNC('day', local)) AS BIGINT) // 1800 AS INTEGER) AS slot,
  ts, wh, wh / 1000 AS kwh, arrived_at
FROM (
  SELECT r.*, timezone('Europe/London', timezone('UTC', r.ts)) AS local
  FROM staging.readings AS r
  JOIN mart.dim_meter AS m
    ON m.serial = r.serial AND m.meterpoint_id = r.meterpoint_id
    AND r.ts >= m.installed_at AND (m.removed_at IS NULL OR r.ts < m.removed_at)
  WHERE r.wh BETWEEN 0 AND 100000
    AND r.ts >= CAST({since-1d} AS TIMESTAMP) AND r.ts < CAST({reference-date+2d} AS TIMESTAMP)
) AS v
