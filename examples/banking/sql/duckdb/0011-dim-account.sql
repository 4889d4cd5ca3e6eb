-- The newest version of every account that is not closed.
CREATE TABLE IF NOT EXISTS mart.account_now (
  account_id VARCHAR NOT NULL,
  customer_id VARCHAR,
  kind VARCHAR,
  overdraft DECIMAL(12, 2),
  status VARCHAR,
  opened_on DATE
);
-- An account over time; one that was closed has no open row. `overdraft` is how far its balance may go below zero.
CREATE TABLE IF NOT EXISTS mart.dim_account (
  account_id VARCHAR NOT NULL,
  customer_id VARCHAR,
  kind VARCHAR,
  overdraft DECIMAL(12, 2),
  status VARCHAR,
  opened_on DATE,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP
);
