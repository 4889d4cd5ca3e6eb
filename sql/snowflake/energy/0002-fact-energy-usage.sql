-- One row a meter reading. `ts` is the UTC start of the interval that the reading covers; `arrived_at` is when the mart learned of it.
-- Clustered by day, then customer, since loads add days and windows read ranges of them. Not keyed: meters send readings twice, and the mart keeps what they sent.
CREATE TABLE IF NOT EXISTS mart.fact_energy_usage (
  customer_id VARCHAR NOT NULL,
  ts TIMESTAMP_NTZ(6) NOT NULL,
  consumption_kwh DOUBLE NOT NULL,
  cost NUMBER(18, 6) NOT NULL,
  arrived_at TIMESTAMP_NTZ(6) NOT NULL
) CLUSTER BY (CAST(ts AS DATE), customer_id);
