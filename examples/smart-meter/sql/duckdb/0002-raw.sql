-- What arrived, as it came: a line of a file or a row of an export. Never changed. `_arrived_at` is UTC.
CREATE TABLE IF NOT EXISTS raw.files (
  path VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  bytes BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.readings (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.prices (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.weather (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.agreements (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.products (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.meterpoints (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.meters (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS raw.bank_holidays (
  _file VARCHAR NOT NULL,
  _line BIGINT NOT NULL,
  _arrived_at TIMESTAMP NOT NULL,
  event VARCHAR NOT NULL
);
