SELECT day, ts AS interval_start, CAST(COUNT(*) AS INTEGER) AS meterpoints, CAST(SUM(wh) AS BIGINT) AS wh,
  CAST(SUM(wh) AS BIGINT) / 1000 AS kwh
FROM mart.fact_consumption
WHERE day BETWEEN {since} AND {reference-date}
GROUP BY day, ts
