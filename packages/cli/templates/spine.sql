-- A row for every customer and day to predict: those with four weeks of readings before them.
SELECT customer_id, date_trunc('day', ts) AS predict_at
FROM mart.usage
WHERE ts >= (SELECT min(ts) FROM mart.usage) + INTERVAL '28 days'
GROUP BY customer_id, date_trunc('day', ts)
ORDER BY predict_at, customer_id
