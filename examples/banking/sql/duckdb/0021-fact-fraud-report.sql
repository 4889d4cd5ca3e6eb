-- Payments that their customers say were not theirs.
CREATE TABLE IF NOT EXISTS mart.fact_fraud_report (
  report_id BIGINT NOT NULL,
  transaction_id BIGINT NOT NULL,
  account_id VARCHAR NOT NULL,
  reported_at TIMESTAMP NOT NULL
);
