CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS NUMBER(19, 0)) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, CAST((i.t - MOD(MOD(i.t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."tariff_7d", "v"."ever"
FROM (
  SELECT e, t, CAST("tariff_7d" AS VARCHAR) AS "tariff_7d", CAST("ever" AS VARCHAR) AS "ever"
  FROM (
    SELECT p.e AS e, p.t AS t, "c0"."value" AS "tariff_7d", "c1"."value" AS "ever"
    FROM "martlet_1_point" p
    JOIN (
      SELECT v.e AS e, MIN(v.us + 1) AS since
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
      GROUP BY v.e) s ON s.e = p.e AND s.since <= p.t
    LEFT JOIN (
      SELECT v.e AS e, v.t AS t, CAST(GET(ARRAY_AGG("v"."x") WITHIN GROUP (ORDER BY "v"."often" DESC NULLS LAST, "v"."us" DESC NULLS LAST, "v"."sequence" DESC NULLS LAST, "v"."x" DESC NULLS LAST), 0) AS VARCHAR) AS value
      FROM (
        SELECT p.e AS e, p.t AS t, v.us AS us, v.sequence AS sequence, v.x AS x, COUNT(*) OVER (PARTITION BY p.e, p.t, v.x) AS often
        FROM (
          SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 302400000000) + 302400000000, 302400000000)) / 302400000000 AS NUMBER(19, 0)) - backs.back AS stretch
          FROM "martlet_1_point" p
          CROSS JOIN (
            SELECT CAST(0 AS NUMBER(19, 0)) AS back
            UNION ALL
            SELECT CAST(1 AS NUMBER(19, 0)) AS back
            UNION ALL
            SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
        JOIN (
          SELECT v.*, CAST((v.us - MOD(MOD(v.us, 302400000000) + 302400000000, 302400000000)) / 302400000000 AS NUMBER(19, 0)) AS stretch
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, "f"."tariff" AS "x"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
          WHERE v.us >= 1710979200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000
        WHERE v.x IS NOT NULL AND v.us >= p.t - 604800000000) v
      GROUP BY v.e, v.t) "c0" ON "c0"."e" = p.e AND "c0"."t" = p.t
    LEFT JOIN (
      SELECT v.e AS e, v.t AS t, CAST(GET(ARRAY_AGG("v"."x") WITHIN GROUP (ORDER BY "v"."often" DESC NULLS LAST, "v"."us" DESC NULLS LAST, "v"."sequence" DESC NULLS LAST, "v"."x" DESC NULLS LAST), 0) AS VARCHAR) AS value
      FROM (
        SELECT p.e AS e, p.t AS t, v.us AS us, v.sequence AS sequence, v.x AS x, COUNT(*) OVER (PARTITION BY p.e, p.t, v.x) AS often
        FROM "martlet_1_point" p
        JOIN (
          SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, "f"."tariff" AS "x"
          FROM (
            SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
            FROM "mart"."usage") f
          JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
          WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v ON v.e = p.e AND v.us < p.t
        WHERE v.x IS NOT NULL) v
      GROUP BY v.e, v.t) "c1" ON "c1"."e" = p.e AND "c1"."t" = p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
