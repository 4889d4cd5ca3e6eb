-- A customer's attributes over time: a row holds in [valid_from, valid_to); valid_to null is the row that holds now.
CREATE TABLE IF NOT EXISTS mart.dim_customer (
  customer_id VARCHAR NOT NULL,
  customer_type VARCHAR,
  tariff VARCHAR NOT NULL,
  heating_type VARCHAR,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP,
  PRIMARY KEY (customer_id, valid_from)
);
