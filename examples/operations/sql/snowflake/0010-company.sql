-- A company that sells a service by subscription: one row per customer, contract, customer and day, invoice, and ticket.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  segment VARCHAR NOT NULL,
  region VARCHAR NOT NULL,
  signed_up_at TIMESTAMP_NTZ(6) NOT NULL
);
-- Ended: the customer has left, or has changed to another plan on that day.
CREATE TABLE IF NOT EXISTS mart.dim_contract (
  contract_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  plan VARCHAR NOT NULL,
  monthly_fee NUMBER(12, 2) NOT NULL,
  started_at TIMESTAMP_NTZ(6) NOT NULL,
  ended_at TIMESTAMP_NTZ(6)
);
CREATE TABLE IF NOT EXISTS mart.fact_usage (
  customer_id VARCHAR NOT NULL,
  used_at TIMESTAMP_NTZ(6) NOT NULL,
  calls NUMBER(19, 0) NOT NULL,
  active_users NUMBER(19, 0) NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.fact_invoice (
  invoice_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  issued_at TIMESTAMP_NTZ(6) NOT NULL,
  due_at TIMESTAMP_NTZ(6) NOT NULL,
  amount NUMBER(12, 2) NOT NULL,
  paid_at TIMESTAMP_NTZ(6)
);
CREATE TABLE IF NOT EXISTS mart.fact_ticket (
  ticket_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  opened_at TIMESTAMP_NTZ(6) NOT NULL,
  severity VARCHAR NOT NULL,
  answered_at TIMESTAMP_NTZ(6),
  closed_at TIMESTAMP_NTZ(6),
  satisfaction NUMBER(19, 0)
);
-- What the job daily-usage makes of fact_usage, a day at a time.
CREATE TABLE IF NOT EXISTS mart.daily_usage (
  day DATE NOT NULL,
  segment VARCHAR NOT NULL,
  customers NUMBER(19, 0) NOT NULL,
  calls NUMBER(19, 0) NOT NULL,
  active_users NUMBER(19, 0) NOT NULL
);
