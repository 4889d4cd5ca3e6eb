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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."high_7d", "v"."middle_7d", "v"."rough_7d"
FROM (
  SELECT e, t, CAST("high_7d" AS DOUBLE) AS "high_7d", CAST("middle_7d" AS DOUBLE) AS "middle_7d", CAST("rough_7d" AS DOUBLE) AS "rough_7d"
  FROM (
    SELECT b.e AS e, b.t AS t, "w0"."part_0" AS "high_7d", "w0"."part_1" AS "middle_7d", "w0"."part_2" AS "rough_7d"
    FROM (
      SELECT n.e AS e, CAST(1711584000000000 AS BIGINT) AS t, "n"."key__0", "n"."key__1"
      FROM "martlet_1_entity" n) b
    LEFT JOIN (
      SELECT "v"."key__0", "v"."key__1", CASE WHEN isfinite(CAST((quantile_cont(CAST("v"."x0" AS DOUBLE), [9e-1]))[1] AS DOUBLE)) THEN CAST((quantile_cont(CAST("v"."x0" AS DOUBLE), [9e-1]))[1] AS DOUBLE) END AS "part_0", CASE WHEN isfinite(CAST((quantile_cont(CAST("v"."x1" AS DOUBLE), [5e-1]))[1] AS DOUBLE)) THEN CAST((quantile_cont(CAST("v"."x1" AS DOUBLE), [5e-1]))[1] AS DOUBLE) END AS "part_1", CASE WHEN isfinite(CAST(approx_quantile(CAST("v"."x0" AS DOUBLE), CAST(9e-1 AS FLOAT)) AS DOUBLE)) THEN CAST(approx_quantile(CAST("v"."x0" AS DOUBLE), CAST(9e-1 AS FLOAT)) AS DOUBLE) END AS "part_2"
      FROM (
        SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
        FROM (
          SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", "f"."cost" AS "x1"
          FROM (
            SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
            FROM "mart"."usage"
            WHERE TRY_CAST("ts" AS TIMESTAMP) >= make_timestamp(CAST(1710806400000000 AS BIGINT))) f
          WHERE "f"."ts" < make_timestamp(CAST(1711584000000000 AS BIGINT)) AND "f"."ts" >= make_timestamp(CAST(1710979200000000 AS BIGINT))) x) v
      WHERE v.us < 1711584000000000 AND v.us >= 1711584000000000 - 604800000000
      GROUP BY "v"."key__0", "v"."key__1") "w0" ON "w0"."key__0" = "b"."key__0" AND "w0"."key__1" = "b"."key__1") base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
