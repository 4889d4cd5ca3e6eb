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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."high_7d", "v"."middle_7d", "v"."rough_7d"
FROM (
  SELECT e, t, CAST("high_7d" AS DOUBLE) AS "high_7d", CAST("middle_7d" AS DOUBLE) AS "middle_7d", CAST("rough_7d" AS DOUBLE) AS "rough_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, "w"."high_7d" AS "high_7d", "w"."middle_7d" AS "middle_7d", "w"."rough_7d" AS "rough_7d"
    FROM "martlet_1_point" p
    JOIN (
      SELECT v.e AS e, MIN(v.us + 1) AS since
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
      GROUP BY v.e) s ON s.e = p.e AND s.since <= p.t
    LEFT JOIN (
      SELECT p.e AS e, p.t AS t, CASE WHEN CAST(PERCENTILE_CONT(9e-1) WITHIN GROUP (ORDER BY CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE)) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(PERCENTILE_CONT(9e-1) WITHIN GROUP (ORDER BY CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE)) AS DOUBLE) END AS "high_7d", CASE WHEN CAST(PERCENTILE_CONT(5e-1) WITHIN GROUP (ORDER BY CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x1" END AS DOUBLE)) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(PERCENTILE_CONT(5e-1) WITHIN GROUP (ORDER BY CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x1" END AS DOUBLE)) AS DOUBLE) END AS "middle_7d", CASE WHEN CAST(APPROX_PERCENTILE(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), 9e-1) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(APPROX_PERCENTILE(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), 9e-1) AS DOUBLE) END AS "rough_7d"
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
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", "f"."cost" AS "x1"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
        WHERE v.us >= 1710979200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000
      GROUP BY p.e, p.t) w ON w.e = p.e AND w.t = p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
