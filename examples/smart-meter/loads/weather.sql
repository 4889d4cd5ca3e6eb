SELECT CAST(event ->> '$.date' AS DATE) AS date, CAST(event ->> '$.temperature' AS DOUBLE) AS temperature,
  _arrived_at AS issued_at
FROM raw.weather
