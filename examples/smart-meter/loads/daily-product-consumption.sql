-- By the agreement that holds at the beginning of the day, as for active_agreements; '(none)' where there is none.
SELECT day, product_id, CAST(COUNT(DISTINCT meterpoint_id) AS INTEGER) AS meterpoints,
  CAST(COUNT(*) AS INTEGER) AS readings, CAST(SUM(wh) AS BIGINT) AS wh, CAST(SUM(wh) AS BIGINT) / 1000 AS kwh
FROM (
  SELECT c.day, c.meterpoint_id, c.wh, COALESCE(a.product_id, '(none)') AS product_id
  FROM mart.fact_consumption AS c
  LEFT JOIN (
    SELECT day, meterpoint_id, product_id
    FROM (
      SELECT d.day, a.meterpoint_id, a.product_id,
        ROW_NUMBER() OVER (PARTITION BY d.day, a.meterpoint_id ORDER BY a.valid_from DESC, a.agreement_id DESC) AS place
      FROM (
        SELECT DISTINCT day, timezone('UTC', timezone('Europe/London', CAST(day AS TIMESTAMP))) AS begins
        FROM mart.fact_consumption
        WHERE day BETWEEN {since} AND {reference-date}
      ) AS d
      JOIN mart.fact_agreement AS a
        ON a.status = 'active' AND a.valid_from <= d.begins AND (a.valid_to IS NULL OR a.valid_to > d.begins)
    ) AS p
    WHERE place = 1
  ) AS a ON a.day = c.day AND a.meterpoint_id = c.meterpoint_id
  WHERE c.day BETWEEN {since} AND {reference-date}
) AS v
GROUP BY day, product_id
