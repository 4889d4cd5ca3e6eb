CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

CREATE TEMPORARY TABLE "martlet_1_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count", COUNT(CASE WHEN "x1" <> 0 THEN 1 END) AS "x1_nonzero", SUM("x1") AS "x1_sum"
FROM (
  SELECT v.*, edges.edge AS edge, greatest(v.own_j + edges.edge, v.arrived_j, 19810) AS j
  FROM (
    SELECT v.*, us - 1711843200000000 AS tau, (CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1 AS own_j, (CAST(known - 21600000000 - 1 AS BIGINT) // 86400000000 - CASE WHEN CAST(known - 21600000000 - 1 AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1 AS arrived_j
    FROM (
      SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", epoch_us("f"."loaded_at") AS known
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
    WHERE known IS NOT NULL) v
  CROSS JOIN (
    SELECT CAST(0 AS BIGINT) AS edge
    UNION ALL
    SELECT CAST(7 AS BIGINT) AS edge) edges) entered
WHERE j <= 19816
GROUP BY e, edge, j;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."kwh_7d"
FROM (
  SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d"
  FROM (
    SELECT e, t, COALESCE(CASE WHEN (COALESCE("x1_nonzero_at0", 0) - COALESCE("x1_nonzero_at7", 0)) = 0 THEN 0 ELSE (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at7", 0)) END, 0) AS "kwh_7d"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 0 THEN "x1_nonzero" END) AS "x1_nonzero_at0", MAX(CASE WHEN edge = 7 THEN "x1_nonzero" END) AS "x1_nonzero_at7", MAX(CASE WHEN edge = 0 THEN "x1_sum" END) AS "x1_sum_at0", MAX(CASE WHEN edge = 7 THEN "x1_sum" END) AS "x1_sum_at7"
        FROM (
          SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count", SUM("x1_nonzero") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_nonzero", SUM("x1_sum") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_sum"
          FROM (
            SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count", "x1_nonzero" AS "x1_nonzero", "x1_sum" AS "x1_sum"
            FROM (
              SELECT *
              FROM "martlet_1_log") logs
            UNION ALL
            SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL, NULL, NULL
            FROM "martlet_1_point" p
            CROSS JOIN (
              SELECT CAST(0 AS BIGINT) AS edge
              UNION ALL
              SELECT CAST(7 AS BIGINT) AS edge) edges) u) m
        WHERE is_point
        GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
