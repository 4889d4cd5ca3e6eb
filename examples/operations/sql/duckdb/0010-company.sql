-- A company that sells a service by subscription: one row per customer, contract, customer and day, invoice, and ticket.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  segment VARCHAR NOT NULL,
  region VARCHAR NOT NULL,
  signed_up_at TIMESTAMP NOT NULL
);
-- Ended: the customer has left, or has changed to another plan on that day.
CREATE TABLE IF NOT EXISTS mart.dim_contract (
  contract_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  plan VARCHAR NOT NULL,
  monthly_fee DECIMAL(12, 2) NOT NULL,
  started_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);
CREATE TABLE IF NOT EXISTS mart.fact_usage (
  customer_id VARCHAR NOT NULL,
  used_at TIMESTAMP NOT NULL,
  calls BIGINT NOT NULL,
  active_users BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.fact_invoice (
  invoice_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  issued_at TIMESTAMP NOT NULL,
  due_at TIMESTAMP NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  paid_at TIMESTAMP
);
CREATE TABLE IF NOT EXISTS mart.fact_ticket (
  ticket_id VARCHAR NOT NULL,
  customer_id VARCHAR NOT NULL,
  opened_at TIMESTAMP NOT NULL,
  severity VARCHAR NOT NULL,
  answered_at TIMESTAMP,
  closed_at TIMESTAMP,
  satisfaction BIGINT
);
-- What the job daily-usage makes of fact_usage, a day at a time.
CREATE TABLE IF NOT EXISTS mart.daily_usage (
  day DATE NOT NULL,
  segment VARCHAR NOT NULL,
  customers BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  active_users BIGINT NOT NULL
);
