-- One row per customer: what it pays, how it uses the service, what it asks, whether it pays on time, and a health of 0 to 100.
CREATE OR REPLACE VIEW mart.customer_360 AS
WITH contracts AS (
  SELECT o.customer_id, MAX(CASE WHEN o.ended_at IS NULL THEN o.plan END) AS plan,
    SUM(CASE WHEN o.ended_at IS NULL THEN o.monthly_fee ELSE 0 END) AS monthly_fee, MAX(o.ended_at) AS last_ended_at
  FROM mart.dim_contract AS o
  GROUP BY o.customer_id
), used AS (
  SELECT u.customer_id,
    CAST(SUM(CASE WHEN epoch_us(c.now) - epoch_us(u.used_at) <= 2419200000000 THEN u.calls ELSE 0 END) AS BIGINT) AS calls_28d,
    CAST(SUM(CASE WHEN epoch_us(c.now) - epoch_us(u.used_at) > 2419200000000 THEN u.calls ELSE 0 END) AS BIGINT) AS calls_before,
    MAX(u.used_at) AS used_at
  FROM mart.fact_usage AS u
  CROSS JOIN ops.clock AS c
  WHERE epoch_us(c.now) - epoch_us(u.used_at) <= 4838400000000 AND u.used_at <= c.now AND u.calls > 0
  GROUP BY u.customer_id
), tickets AS (
  SELECT t.customer_id, CAST(SUM(CASE WHEN t.closed_at IS NULL OR t.closed_at > c.now THEN 1 ELSE 0 END) AS BIGINT) AS open_tickets,
    CAST(SUM(CASE WHEN epoch_us(c.now) - epoch_us(t.opened_at) <= 7776000000000 THEN 1 ELSE 0 END) AS BIGINT) AS tickets_90d,
    AVG(CASE WHEN epoch_us(c.now) - epoch_us(t.opened_at) <= 7776000000000 THEN CAST(t.satisfaction AS DOUBLE) END) AS satisfaction_90d
  FROM mart.fact_ticket AS t
  CROSS JOIN ops.clock AS c
  WHERE t.opened_at <= c.now
  GROUP BY t.customer_id
), invoices AS (
  SELECT i.customer_id, SUM(i.amount) AS invoiced,
    SUM(CASE WHEN (i.paid_at IS NULL OR i.paid_at > c.now) AND i.due_at < c.now THEN i.amount ELSE 0 END) AS overdue,
    AVG(CASE WHEN i.paid_at <= c.now THEN CAST(epoch_us(i.paid_at) - epoch_us(i.due_at) AS DOUBLE) / 86400000000 END) AS mean_days_late
  FROM mart.fact_invoice AS i
  CROSS JOIN ops.clock AS c
  WHERE i.issued_at <= c.now
  GROUP BY i.customer_id
), facts AS (
  SELECT k.customer_id, k.name, k.segment, k.region, k.signed_up_at, o.plan, o.monthly_fee,
    CASE WHEN o.plan IS NULL THEN o.last_ended_at END AS left_at,
    CAST(epoch_us(c.now) - epoch_us(k.signed_up_at) AS DOUBLE) / 86400000000 AS tenure_days,
    COALESCE(u.calls_28d, 0) AS calls_28d, COALESCE(u.calls_before, 0) AS calls_before, u.used_at,
    CASE WHEN u.calls_before > 0 THEN CAST(u.calls_28d AS DOUBLE) / u.calls_before - 1 END AS usage_trend,
    COALESCE(t.open_tickets, 0) AS open_tickets, COALESCE(t.tickets_90d, 0) AS tickets_90d, t.satisfaction_90d,
    COALESCE(i.invoiced, 0) AS invoiced, COALESCE(i.overdue, 0) AS overdue, i.mean_days_late
  FROM mart.dim_customer AS k
  CROSS JOIN ops.clock AS c
  LEFT JOIN contracts AS o ON o.customer_id = k.customer_id
  LEFT JOIN used AS u ON u.customer_id = k.customer_id
  LEFT JOIN tickets AS t ON t.customer_id = k.customer_id
  LEFT JOIN invoices AS i ON i.customer_id = k.customer_id
), scored AS (
  SELECT f.customer_id, f.name, f.segment, f.region, f.signed_up_at, f.plan, f.monthly_fee, f.left_at, f.tenure_days, f.calls_28d,
    f.calls_before, f.used_at, f.usage_trend, f.open_tickets, f.tickets_90d, f.satisfaction_90d, f.invoiced, f.overdue, f.mean_days_late,
    100 - CASE WHEN f.calls_28d = 0 THEN 40 WHEN f.usage_trend < -0.5 THEN 30 WHEN f.usage_trend < -0.2 THEN 15 ELSE 0 END
      - CASE WHEN f.overdue > 0 THEN 20 ELSE 0 END - CASE WHEN f.open_tickets >= 3 THEN 20 WHEN f.open_tickets > 0 THEN 5 ELSE 0 END
      - CASE WHEN f.satisfaction_90d < 3 THEN 20 ELSE 0 END AS health
  FROM facts AS f
)
SELECT s.customer_id, s.name, s.segment, s.region, s.signed_up_at, s.plan, s.monthly_fee, s.left_at, s.tenure_days, s.calls_28d,
  s.calls_before, s.used_at, s.usage_trend, s.open_tickets, s.tickets_90d, s.satisfaction_90d, s.invoiced, s.overdue, s.mean_days_late,
  CASE WHEN s.left_at IS NULL THEN s.health END AS health,
  CASE WHEN s.left_at IS NOT NULL THEN 'left' WHEN s.health >= 80 THEN 'healthy' WHEN s.health >= 55 THEN 'watch' ELSE 'at risk' END AS class
FROM scored AS s;
