-- What meters have said: the newest version of every reading of every meter. `version` grows with the arrival, then with the line.
CREATE TABLE IF NOT EXISTS staging.readings (
  meterpoint_id VARCHAR NOT NULL,
  serial VARCHAR NOT NULL,
  ts TIMESTAMP NOT NULL,
  wh BIGINT NOT NULL,
  version BIGINT NOT NULL,
  arrived_at TIMESTAMP NOT NULL
);
