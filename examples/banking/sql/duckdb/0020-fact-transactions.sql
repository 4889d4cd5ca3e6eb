-- One row per booking. `sequence` counts the bookings of an account from 1, so nothing is missing where it has no gap;
-- `balance_after` is what the bank's own books say.
CREATE TABLE IF NOT EXISTS mart.fact_transactions (
  transaction_id BIGINT NOT NULL,
  account_id VARCHAR NOT NULL,
  sequence BIGINT NOT NULL,
  booked_at TIMESTAMP NOT NULL,
  direction VARCHAR NOT NULL,
  amount DECIMAL(12, 2) NOT NULL,
  channel VARCHAR NOT NULL,
  counterparty VARCHAR NOT NULL,
  country VARCHAR NOT NULL,
  balance_after DECIMAL(14, 2) NOT NULL
);
-- Each account's balance as the sum of its bookings, beside what the books say.
CREATE OR REPLACE VIEW mart.running_balance AS
SELECT t.account_id, t.sequence, t.booked_at, t.balance_after,
  SUM(CASE WHEN t.direction = 'in' THEN t.amount ELSE -t.amount END)
    OVER (PARTITION BY t.account_id ORDER BY t.sequence ROWS UNBOUNDED PRECEDING) AS running,
  ROW_NUMBER() OVER (PARTITION BY t.account_id ORDER BY t.sequence) AS place
FROM mart.fact_transactions AS t;
