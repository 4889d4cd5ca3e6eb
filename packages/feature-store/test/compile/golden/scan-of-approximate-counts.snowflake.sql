CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1711584000000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS NUMBER(19, 0)) AS t
FROM (VALUES (1711584000000000)) AS instants(column_t);

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."tariffs_7d"
FROM (
  SELECT e, t, CAST("tariffs_7d" AS NUMBER(19, 0)) AS "tariffs_7d"
  FROM (
    SELECT b.e AS e, b.t AS t, CASE WHEN "w0"."key__0" IS NULL THEN 0 ELSE "w0"."part_0" END AS "tariffs_7d"
    FROM (
      SELECT n.e AS e, CAST(1711584000000000 AS NUMBER(19, 0)) AS t, "n"."key__0", "n"."key__1"
      FROM "martlet_1_entity" n) b
    LEFT JOIN (
      SELECT "v"."key__0", "v"."key__1", APPROX_COUNT_DISTINCT("v"."x0") AS "part_0"
      FROM (
        SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage"
          WHERE "ts" >= CAST(TO_TIMESTAMP_NTZ(1710806400000000, 6) AS TIMESTAMP_NTZ(6))) f
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1711584000000000, 6) AS TIMESTAMP_NTZ(6)) AND "f"."ts" >= CAST(TO_TIMESTAMP_NTZ(1710979200000000, 6) AS TIMESTAMP_NTZ(6))) v
      WHERE v.us < 1711584000000000 AND v.us >= 1711584000000000 - 604800000000
      GROUP BY "v"."key__0", "v"."key__1") "w0" ON "w0"."key__0" = "b"."key__0" AND "w0"."key__1" = "b"."key__1") base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
