-- For dashboards: where each account stands.
CREATE OR REPLACE VIEW mart.account_balance AS
SELECT a.account_id, a.customer_id, a.kind, a.status, a.overdraft, b.balance_after AS balance, b.booked_at AS last_booking
FROM mart.account_now AS a
LEFT JOIN (
  SELECT r.account_id, r.balance_after, r.booked_at,
    ROW_NUMBER() OVER (PARTITION BY r.account_id ORDER BY r.sequence DESC) AS newest
  FROM mart.fact_transactions AS r
) AS b ON b.account_id = a.account_id AND b.newest = 1;
-- Payments that were reported, by the day on which they were made.
CREATE OR REPLACE VIEW mart.fraud_days AS
SELECT CAST(t.booked_at AS DATE) AS day, COUNT(*) AS payments, COUNT(f.transaction_id) AS reported,
  SUM(CASE WHEN f.transaction_id IS NOT NULL THEN t.amount ELSE 0 END) AS lost
FROM mart.fact_transactions AS t
LEFT JOIN (SELECT DISTINCT r.transaction_id FROM mart.fact_fraud_report AS r) AS f ON f.transaction_id = t.transaction_id
WHERE t.direction = 'out'
GROUP BY CAST(t.booked_at AS DATE);
