CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT i.*
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at"
      FROM "mart"."usage") i
    WHERE "i"."loaded_at" IS NULL OR "i"."loaded_at" >= "i"."ts") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."n_open", "v"."kwh_open"
FROM (
  SELECT e, t, CAST("n_open" AS BIGINT) AS "n_open", CAST("kwh_open" AS DOUBLE) AS "kwh_open"
  FROM (
    SELECT p.e AS e, p.t AS t, COUNT(CASE WHEN v.until >= p.t THEN "v"."x0" END) AS "n_open", MAX(CASE WHEN v.until >= p.t THEN "v"."x1" END) AS "kwh_open"
    FROM "martlet_1_point" p
    JOIN (
      SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS HUGEINT) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", COALESCE(epoch_us("f"."loaded_at"), 9223372036854775807) AS until
        FROM (
          SELECT i.*
          FROM (
            SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh"
            FROM "mart"."usage") i
          WHERE "i"."loaded_at" IS NULL OR "i"."loaded_at" >= "i"."ts") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v ON v.e = p.e AND v.us < p.t
    GROUP BY p.e, p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
