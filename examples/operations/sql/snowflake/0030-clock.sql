-- The newest thing that happened. "Now" in all views is this, not the clock on the wall, so that they say the same of the same rows.
CREATE OR REPLACE VIEW ops.clock COPY GRANTS AS
SELECT MAX(e.at) AS now
FROM (
  SELECT MAX(r.ended_at) AS at FROM ops.fact_run AS r
  UNION ALL SELECT MAX(j.created_at) AS at FROM ops.jobs AS j
  UNION ALL SELECT MAX(d.ended_at) AS at FROM ops.jobs AS d
) AS e;
