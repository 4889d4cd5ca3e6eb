-- The agreement of each meterpoint that holds at the beginning of the reference date: of several, the one that began last.
SELECT reference_date, meterpoint_id, agreement_id, account_id, product_id, valid_to IS NULL AS open_ended,
  CAST(overlapping AS INTEGER) AS overlapping
FROM (
  SELECT d.reference_date, a.*, COUNT(*) OVER (PARTITION BY meterpoint_id) - 1 AS overlapping,
    ROW_NUMBER() OVER (PARTITION BY meterpoint_id ORDER BY valid_from DESC, agreement_id DESC) AS place
  FROM mart.fact_agreement AS a
  JOIN (
    SELECT {reference-date} AS reference_date, timezone('UTC', timezone('Europe/London', CAST({reference-date} AS TIMESTAMP))) AS begins
  ) AS d
    ON a.valid_from <= d.begins AND (a.valid_to IS NULL OR a.valid_to > d.begins)
  WHERE a.status = 'active'
) AS v
WHERE place = 1
