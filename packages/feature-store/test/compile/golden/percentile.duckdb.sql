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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."high_7d", "v"."middle_7d", "v"."rough_7d"
FROM (
  SELECT e, t, CAST("high_7d" AS DOUBLE) AS "high_7d", CAST("middle_7d" AS DOUBLE) AS "middle_7d", CAST("rough_7d" AS DOUBLE) AS "rough_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, "w"."high_7d" AS "high_7d", "w"."middle_7d" AS "middle_7d", "w"."rough_7d" AS "rough_7d"
    FROM "martlet_1_point" p
    JOIN (
      SELECT v.e AS e, MIN(v.us + 1) AS since
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
      GROUP BY v.e) s ON s.e = p.e AND s.since <= p.t
    LEFT JOIN (
      SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST((quantile_cont(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), [9e-1]))[1] AS DOUBLE)) THEN CAST((quantile_cont(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), [9e-1]))[1] AS DOUBLE) END AS "high_7d", CASE WHEN isfinite(CAST((quantile_cont(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x1" END AS DOUBLE), [5e-1]))[1] AS DOUBLE)) THEN CAST((quantile_cont(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x1" END AS DOUBLE), [5e-1]))[1] AS DOUBLE) END AS "middle_7d", CASE WHEN isfinite(CAST(approx_quantile(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), CAST(9e-1 AS FLOAT)) AS DOUBLE)) THEN CAST(approx_quantile(CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE), CAST(9e-1 AS FLOAT)) AS DOUBLE) END AS "rough_7d"
      FROM (
        SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 302400000000 - CASE WHEN CAST(p.t AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_1_point" p
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(1 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(2 AS BIGINT) AS back) backs) p
      JOIN (
        SELECT v.*, (CAST(v.us AS BIGINT) // 302400000000 - CASE WHEN CAST(v.us AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", "f"."cost" AS "x1"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
        WHERE v.us >= 1710979200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000
      GROUP BY p.e, p.t) w ON w.e = p.e AND w.t = p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
