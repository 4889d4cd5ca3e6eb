-- The newest version of every customer.
CREATE TABLE IF NOT EXISTS mart.customer_now (
  customer_id VARCHAR NOT NULL,
  name VARCHAR,
  address VARCHAR,
  segment VARCHAR,
  transfer_limit DECIMAL(12, 2)
);
-- A customer's attributes over time: a row holds in [valid_from, valid_to); valid_to null is the row that holds now.
-- `transfer_limit` is what may leave an account in a day over web and mobile.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  name VARCHAR,
  address VARCHAR,
  segment VARCHAR,
  transfer_limit DECIMAL(12, 2),
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP
);
-- What changed when, as events: every version of a customer but the first.
CREATE OR REPLACE VIEW mart.fact_customer_change AS
SELECT v.customer_id, v.valid_from AS changed_at,
  v.address IS DISTINCT FROM v.previous_address AS address_changed,
  COALESCE(v.transfer_limit > v.previous_limit, FALSE) AS limit_raised,
  v.segment IS DISTINCT FROM v.previous_segment AS segment_changed,
  CAST(v.transfer_limit AS DOUBLE) / NULLIF(CAST(v.previous_limit AS DOUBLE), 0) AS limit_factor
FROM (
  SELECT c.customer_id, c.address, c.segment, c.transfer_limit, c.valid_from,
    LAG(c.address) OVER (PARTITION BY c.customer_id ORDER BY c.valid_from) AS previous_address,
    LAG(c.segment) OVER (PARTITION BY c.customer_id ORDER BY c.valid_from) AS previous_segment,
    LAG(c.transfer_limit) OVER (PARTITION BY c.customer_id ORDER BY c.valid_from) AS previous_limit,
    ROW_NUMBER() OVER (PARTITION BY c.customer_id ORDER BY c.valid_from) AS version
  FROM mart.dim_customer AS c
) AS v
WHERE v.version > 1;
