CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", (CAST("s"."spine__us" - 0 AS BIGINT) // 86400000000 - CASE WHEN CAST("s"."spine__us" - 0 AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) * 86400000000 AS "t0", (CAST("s"."spine__us" - 0 AS BIGINT) // 1 - CASE WHEN CAST("s"."spine__us" - 0 AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) * 1 AS "t1"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 1 - CASE WHEN CAST(t AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) AS j
FROM (
  SELECT DISTINCT "e0" AS e, "t1" AS t
  FROM "martlet_1_keyed") d;

CREATE TEMPORARY TABLE "martlet_2_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count"
FROM (
  SELECT v.*, edges.edge AS edge, greatest(CASE WHEN edges.edge = 300000000 THEN ((CAST(v.own_j - 1 AS BIGINT) // 5000000 - CASE WHEN CAST(v.own_j - 1 AS BIGINT) % 5000000 < 0 THEN 1 ELSE 0 END) + 1) * 5000000 + edges.edge ELSE v.own_j + edges.edge END, 1711670400000000) AS j
  FROM (
    SELECT v.*, us - 1711886400000000 AS tau, (CAST(us AS BIGINT) // 1 - CASE WHEN CAST(us AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) + 1 AS own_j
    FROM (
      SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) v
  CROSS JOIN (
    SELECT CAST(0 AS BIGINT) AS edge
    UNION ALL
    SELECT CAST(300000000 AS BIGINT) AS edge) edges) entered
WHERE j <= 1712102400000000
GROUP BY e, edge, j;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_7d" AS "golden__n_7d", "v0"."kwh_1d" AS "golden__kwh_1d", "v0"."kwh_28d" AS "golden__kwh_28d", "v0"."reads_7d" AS "golden__reads_7d", "v0"."cost_7d" AS "golden__cost_7d", "v1"."n_5m" AS "velocity__n_5m"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN "features"."golden" "v0" ON "v0"."site_id" = "s"."site_id" AND "v0"."channel" = "s"."channel" AND "v0".feature_time = make_timestamp(CAST("k"."t0" AS BIGINT))
LEFT JOIN (
  SELECT e, t, CAST("n_5m" AS BIGINT) AS "n_5m"
  FROM (
    SELECT e, t, "x0_count_over300000000_0" AS "n_5m"
    FROM (
      SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at300000000", 0)) AS "x0_count_over300000000_0"
      FROM (
        SELECT *, (j * 1) AS t
        FROM (
          SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 300000000 THEN "x0_count" END) AS "x0_count_at300000000"
          FROM (
            SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count"
            FROM (
              SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count"
              FROM (
                SELECT *
                FROM "martlet_2_log") logs
              UNION ALL
              SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL
              FROM "martlet_2_point" p
              CROSS JOIN (
                SELECT CAST(0 AS BIGINT) AS edge
                UNION ALL
                SELECT CAST(300000000 AS BIGINT) AS edge) edges) u) m
          WHERE is_point
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) a) base) "v1" ON "v1".e = "k"."e0" AND "v1".t = "k"."t1";
