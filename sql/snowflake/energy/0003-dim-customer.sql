-- A customer's attributes over time: a row holds in [valid_from, valid_to); valid_to null is the row that holds now.
-- Snowflake does not enforce keys, so none is declared: (customer_id, valid_from) is unique all the same.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  customer_type VARCHAR,
  tariff VARCHAR NOT NULL,
  heating_type VARCHAR,
  valid_from TIMESTAMP_NTZ(6) NOT NULL,
  valid_to TIMESTAMP_NTZ(6)
);
