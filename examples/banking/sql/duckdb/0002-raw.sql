-- What the connectors of the bank delivered, as it came: a row for each record, only ever added. What is not valid is in the quarantine,
-- `raw.<source>_rejected`, with the reason.
CREATE TABLE IF NOT EXISTS raw.customers (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.customers_rejected (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL,
  _reason VARCHAR NOT NULL,
  _place VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.accounts (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.accounts_rejected (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL,
  _reason VARCHAR NOT NULL,
  _place VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.transactions (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.transactions_rejected (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL,
  _reason VARCHAR NOT NULL,
  _place VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.fraud_reports (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.fraud_reports_rejected (
  _position BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  _id VARCHAR NOT NULL,
  _origin VARCHAR NOT NULL,
  _event VARCHAR NOT NULL,
  _reason VARCHAR NOT NULL,
  _place VARCHAR NOT NULL
);
