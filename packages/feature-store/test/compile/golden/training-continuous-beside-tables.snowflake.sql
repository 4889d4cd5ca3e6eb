CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", CAST(("s"."spine__us" - 0 - MOD(MOD("s"."spine__us" - 0, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) * 86400000000 AS "t0", CAST(("s"."spine__us" - 0 - MOD(MOD("s"."spine__us" - 0, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) * 1 AS "t1"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) AS j
FROM (
  SELECT DISTINCT "e0" AS e, "t1" AS t
  FROM "martlet_1_keyed") d;

CREATE TEMPORARY TABLE "martlet_2_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count"
FROM (
  SELECT v.*, edges.edge AS edge, GREATEST_IGNORE_NULLS(CASE WHEN edges.edge = 300000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 5000000) + 5000000, 5000000)) / 5000000 AS NUMBER(19, 0)) + 1) * 5000000 + edges.edge ELSE v.own_j + edges.edge END, 1711670400000000) AS j
  FROM (
    SELECT v.*, us - 1711886400000000 AS tau, CAST((us - MOD(MOD(us, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1 AS own_j
    FROM (
      SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) v
  CROSS JOIN (
    SELECT CAST(0 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge) edges) entered
WHERE j <= 1712102400000000
GROUP BY e, edge, j;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_7d" AS "golden__n_7d", "v0"."kwh_1d" AS "golden__kwh_1d", "v0"."kwh_28d" AS "golden__kwh_28d", "v0"."reads_7d" AS "golden__reads_7d", "v0"."cost_7d" AS "golden__cost_7d", "v1"."n_5m" AS "velocity__n_5m"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN "features"."golden" "v0" ON "v0"."site_id" = "s"."site_id" AND "v0"."channel" = "s"."channel" AND "v0".feature_time = CAST(TO_TIMESTAMP_NTZ(CAST("k"."t0" AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))
LEFT JOIN (
  SELECT e, t, CAST("n_5m" AS NUMBER(19, 0)) AS "n_5m"
  FROM (
    SELECT e, t, "x0_count_over300000000_0" AS "n_5m"
    FROM (
      SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at300000000", 0)) AS "x0_count_over300000000_0"
      FROM (
        SELECT *, (j * 1) AS t
        FROM (
          SELECT e, CAST((z - MOD(MOD(z, 2) + 2, 2)) / 2 AS NUMBER(19, 0)) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 300000000 THEN "x0_count" END) AS "x0_count_at300000000"
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
                SELECT CAST(0 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge) edges) u) m
          WHERE is_point
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) a) base) "v1" ON "v1".e = "k"."e0" AND "v1".t = "k"."t1";
