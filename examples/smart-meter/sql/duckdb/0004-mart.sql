-- Agreements at their newest version. They hold from the beginning of `valid_from` until before `valid_to`, instants in UTC.
CREATE TABLE IF NOT EXISTS mart.fact_agreement (
  agreement_id BIGINT NOT NULL,
  meterpoint_id VARCHAR NOT NULL,
  account_id VARCHAR NOT NULL,
  product_id VARCHAR NOT NULL,
  status VARCHAR NOT NULL,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP,
  updated_at TIMESTAMP NOT NULL,
  known_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.dim_product (
  product_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  kind VARCHAR NOT NULL,
  pence DOUBLE
);
CREATE TABLE IF NOT EXISTS mart.dim_meter (
  serial VARCHAR NOT NULL,
  meterpoint_id VARCHAR NOT NULL,
  installed_at TIMESTAMP NOT NULL,
  removed_at TIMESTAMP
);
CREATE TABLE IF NOT EXISTS mart.dim_holiday (date DATE NOT NULL, name VARCHAR NOT NULL);
-- The price of a half-hour of the clock on one day; known the evening before.
CREATE TABLE IF NOT EXISTS mart.dim_price (
  slot INTEGER NOT NULL,
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP NOT NULL,
  pence DOUBLE NOT NULL,
  published_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.dim_weather (date DATE NOT NULL, temperature DOUBLE NOT NULL, issued_at TIMESTAMP NOT NULL);
-- A valid reading: the consumption of the half-hour that begins at `ts`. `slot` is that half-hour of London's clock, 0 to 47.
CREATE TABLE IF NOT EXISTS mart.fact_consumption (
  day DATE NOT NULL,
  meterpoint_id VARCHAR NOT NULL,
  slot INTEGER NOT NULL,
  ts TIMESTAMP NOT NULL,
  wh BIGINT NOT NULL,
  kwh DOUBLE NOT NULL,
  arrived_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.active_agreements (
  reference_date DATE NOT NULL,
  meterpoint_id VARCHAR NOT NULL,
  agreement_id BIGINT NOT NULL,
  account_id VARCHAR NOT NULL,
  product_id VARCHAR NOT NULL,
  open_ended BOOLEAN NOT NULL,
  overlapping INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.half_hourly_consumption (
  day DATE NOT NULL,
  interval_start TIMESTAMP NOT NULL,
  meterpoints INTEGER NOT NULL,
  wh BIGINT NOT NULL,
  kwh DOUBLE NOT NULL
);
CREATE TABLE IF NOT EXISTS mart.daily_product_consumption (
  day DATE NOT NULL,
  product_id VARCHAR NOT NULL,
  meterpoints INTEGER NOT NULL,
  readings INTEGER NOT NULL,
  wh BIGINT NOT NULL,
  kwh DOUBLE NOT NULL
);
-- The same prices by the half-hour in which they hold.
CREATE TABLE IF NOT EXISTS mart.dim_half_hour_price (
  valid_from TIMESTAMP NOT NULL,
  valid_to TIMESTAMP NOT NULL,
  pence DOUBLE NOT NULL,
  published_at TIMESTAMP NOT NULL
);
