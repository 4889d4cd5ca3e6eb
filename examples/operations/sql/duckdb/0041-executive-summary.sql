-- One row per calendar month in which the company invoiced: customers and their fees at its end, what came and went, money, tickets, and how the
-- platform ran.
CREATE OR REPLACE VIEW mart.executive_summary AS
WITH months AS (
  SELECT YEAR(i.issued_at) AS year, MONTH(i.issued_at) AS month, YEAR(i.issued_at) * 12 + MONTH(i.issued_at) AS ordinal,
    COUNT(*) AS invoices, SUM(i.amount) AS invoiced, SUM(CASE WHEN i.paid_at <= c.now THEN i.amount ELSE 0 END) AS collected,
    SUM(CASE WHEN (i.paid_at IS NULL OR i.paid_at > c.now) AND i.due_at < c.now THEN i.amount ELSE 0 END) AS overdue
  FROM mart.fact_invoice AS i
  CROSS JOIN ops.clock AS c
  WHERE i.issued_at <= c.now
  GROUP BY YEAR(i.issued_at), MONTH(i.issued_at), YEAR(i.issued_at) * 12 + MONTH(i.issued_at)
), spans AS (
  SELECT o.customer_id, o.monthly_fee, YEAR(o.started_at) * 12 + MONTH(o.started_at) AS first_month,
    YEAR(o.ended_at) * 12 + MONTH(o.ended_at) AS last_month
  FROM mart.dim_contract AS o
), standing AS (
  SELECT m.ordinal, COUNT(DISTINCT s.customer_id) AS customers, SUM(s.monthly_fee) AS monthly_fees
  FROM months AS m
  INNER JOIN spans AS s ON s.first_month <= m.ordinal AND (s.last_month IS NULL OR s.last_month > m.ordinal)
  GROUP BY m.ordinal
), customer_spans AS (
  SELECT s.customer_id, MIN(s.first_month) AS first_month,
    CASE WHEN COUNT(*) = COUNT(s.last_month) THEN MAX(s.last_month) END AS last_month
  FROM spans AS s
  GROUP BY s.customer_id
), came AS (
  SELECT k.first_month AS ordinal, COUNT(*) AS customers FROM customer_spans AS k GROUP BY k.first_month
), went AS (
  SELECT k.last_month AS ordinal, COUNT(*) AS customers FROM customer_spans AS k WHERE k.last_month IS NOT NULL GROUP BY k.last_month
), tickets AS (
  SELECT YEAR(t.opened_at) * 12 + MONTH(t.opened_at) AS ordinal, COUNT(*) AS tickets,
    CAST(SUM(CASE WHEN t.severity = 'urgent' THEN 1 ELSE 0 END) AS BIGINT) AS urgent_tickets,
    AVG(CASE WHEN t.answered_at <= c.now THEN CAST(epoch_us(t.answered_at) - epoch_us(t.opened_at) AS DOUBLE) / 3600000000 END) AS hours_to_answer
  FROM mart.fact_ticket AS t
  CROSS JOIN ops.clock AS c
  WHERE t.opened_at <= c.now
  GROUP BY YEAR(t.opened_at) * 12 + MONTH(t.opened_at)
), used AS (
  SELECT YEAR(u.used_at) * 12 + MONTH(u.used_at) AS ordinal, CAST(SUM(u.calls) AS BIGINT) AS calls
  FROM mart.fact_usage AS u
  CROSS JOIN ops.clock AS c
  WHERE u.used_at <= c.now
  GROUP BY YEAR(u.used_at) * 12 + MONTH(u.used_at)
), runs AS (
  SELECT YEAR(r.started_at) * 12 + MONTH(r.started_at) AS ordinal, COUNT(*) AS runs,
    CAST(SUM(CASE WHEN r.failed THEN 1 ELSE 0 END) AS BIGINT) AS failed_runs
  FROM ops.fact_run AS r
  GROUP BY YEAR(r.started_at) * 12 + MONTH(r.started_at)
)
SELECT m.year, m.month, COALESCE(s.customers, 0) AS customers, COALESCE(s.monthly_fees, 0) AS monthly_fees,
  COALESCE(n.customers, 0) AS new_customers, COALESCE(g.customers, 0) AS lost_customers, m.invoices, m.invoiced, m.collected, m.overdue,
  COALESCE(u.calls, 0) AS calls, COALESCE(t.tickets, 0) AS tickets, COALESCE(t.urgent_tickets, 0) AS urgent_tickets, t.hours_to_answer,
  COALESCE(r.runs, 0) AS runs, COALESCE(r.failed_runs, 0) AS failed_runs
FROM months AS m
LEFT JOIN standing AS s ON s.ordinal = m.ordinal
LEFT JOIN came AS n ON n.ordinal = m.ordinal
LEFT JOIN went AS g ON g.ordinal = m.ordinal
LEFT JOIN tickets AS t ON t.ordinal = m.ordinal
LEFT JOIN used AS u ON u.ordinal = m.ordinal
LEFT JOIN runs AS r ON r.ordinal = m.ordinal;
