-- The newest row of every customer, for lookups by key. Secure: their text and what lies behind their filters is not shown to who may read them.
CREATE OR REPLACE SECURE VIEW ml.energy_customer_now COPY GRANTS AS
SELECT c.customer_id, c.customer_type, c.tariff, c.heating_type, c.valid_from
FROM mart.dim_customer AS c
WHERE c.valid_to IS NULL;

CREATE OR REPLACE SECURE VIEW ml.energy_reading_latest COPY GRANTS AS
SELECT n.customer_id, n.ts, n.consumption_kwh, n.cost, n.arrived_at
FROM (
  SELECT f.customer_id, f.ts, f.consumption_kwh, f.cost, f.arrived_at, ROW_NUMBER() OVER (PARTITION BY f.customer_id ORDER BY f.ts DESC NULLS LAST, f.arrived_at DESC NULLS LAST) AS newest
  FROM mart.fact_energy_usage AS f
) AS n
INNER JOIN mart.dim_customer AS c ON c.customer_id = n.customer_id AND c.valid_to IS NULL
WHERE n.newest = 1;

-- Masks and the row filter of mart hold behind them, for the role of whoever asks.
GRANT SELECT ON VIEW ml.energy_customer_now TO ROLE <% prefix %>_MONITORING_READ;
GRANT SELECT ON VIEW ml.energy_reading_latest TO ROLE <% prefix %>_MONITORING_READ;
