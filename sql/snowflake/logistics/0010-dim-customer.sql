-- A customer's attributes over time: a row holds in [valid_from, valid_to); valid_to null is the row that holds now.
-- `tier` is basic, plus or premium; `segment` is retail, industry, food or health.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  name VARCHAR,
  email VARCHAR,
  segment VARCHAR,
  tier VARCHAR,
  depot_id VARCHAR,
  credit_limit NUMBER(12, 2),
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
