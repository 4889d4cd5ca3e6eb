CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "site_id", "channel") - 1 AS e, "site_id", "channel"
FROM (
  SELECT DISTINCT "site_id", "channel"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CAST("ts" AS TIMESTAMP) AS "ts"
    FROM "mart"."usage") f
  WHERE "ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "site_id" IS NOT NULL AND "channel" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT "n"."site_id", "n"."channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."kwh_7d"
FROM (
  SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, COALESCE(SUM(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END), 0) AS "kwh_7d"
    FROM "martlet_1_point" p
    JOIN (
      SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", epoch_us("f"."loaded_at") AS known
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CAST("ts" AS TIMESTAMP) AS "ts", CAST("loaded_at" AS TIMESTAMP) AS "loaded_at", CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CAST("reads" AS BIGINT) AS "reads", CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_entity" n ON "n"."site_id" = "f"."site_id" AND "n"."channel" = "f"."channel"
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v ON v.e = p.e AND v.us < p.t AND v.known <= p.t + 21600000000
    GROUP BY p.e, p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
