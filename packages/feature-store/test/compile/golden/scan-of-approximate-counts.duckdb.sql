CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1711584000000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000)) AS instants(column_t);

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."tariffs_7d"
FROM (
  SELECT e, t, CAST("tariffs_7d" AS BIGINT) AS "tariffs_7d"
  FROM (
    SELECT b.e AS e, b.t AS t, CASE WHEN "w0"."key__0" IS NULL THEN 0 ELSE "w0"."part_0" END AS "tariffs_7d"
    FROM (
      SELECT n.e AS e, CAST(1711584000000000 AS BIGINT) AS t, "n"."key__0", "n"."key__1"
      FROM "martlet_1_entity" n) b
    LEFT JOIN (
      SELECT "v"."key__0", "v"."key__1", COUNT(DISTINCT "v"."x0") AS "part_0"
      FROM (
        SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage"
          WHERE TRY_CAST("ts" AS TIMESTAMP) >= make_timestamp(CAST(1710806400000000 AS BIGINT))) f
        WHERE "f"."ts" < make_timestamp(CAST(1711584000000000 AS BIGINT)) AND "f"."ts" >= make_timestamp(CAST(1710979200000000 AS BIGINT))) v
      WHERE v.us < 1711584000000000 AND v.us >= 1711584000000000 - 604800000000
      GROUP BY "v"."key__0", "v"."key__1") "w0" ON "w0"."key__0" = "b"."key__0" AND "w0"."key__1" = "b"."key__1") base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
