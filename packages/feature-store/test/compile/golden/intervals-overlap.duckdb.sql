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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."busy_7d", "v"."used_month_to_date"
FROM (
  SELECT e, t, CAST("busy_7d" AS DOUBLE) AS "busy_7d", CAST("used_month_to_date" AS DOUBLE) AS "used_month_to_date"
  FROM (
    SELECT p.e AS e, p.t AS t, CASE WHEN w.e IS NULL THEN 0 ELSE "w"."busy_7d" END AS "busy_7d", CASE WHEN w.e IS NULL THEN 0 ELSE "w"."used_month_to_date" END AS "used_month_to_date"
    FROM "martlet_1_point" p
    JOIN (
      SELECT v.e AS e, MIN(v.us + 1) AS since
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, COALESCE(epoch_us("f"."loaded_at"), 9223372036854775807) AS until
        FROM (
          SELECT i.*
          FROM (
            SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh"
            FROM "mart"."usage") i
          WHERE "i"."loaded_at" IS NULL OR "i"."loaded_at" >= "i"."ts") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
      GROUP BY v.e) s ON s.e = p.e AND s.since <= p.t
    LEFT JOIN (
      SELECT p.e AS e, p.t AS t, (CAST(COALESCE(SUM(CASE WHEN "v"."x0" IS NOT NULL THEN greatest(least(v.until, p.t) - greatest(v.us, p.t - 604800000000), 0) END), 0) AS DOUBLE) / 86400000000) AS "busy_7d", (CAST(COALESCE(SUM(CASE WHEN "v"."x1" IS NOT NULL THEN greatest(least(v.until, p.t) - greatest(v.us, "v"."x1_reach", "p"."month_0_back"), 0) END), 0) AS DOUBLE) / 86400000000) AS "used_month_to_date"
      FROM (
        SELECT r.*, "c"."month_0_back"
        FROM "martlet_1_point" r
        ASOF LEFT JOIN (
          SELECT CAST("column_since" AS BIGINT) AS "since", CAST("column_month_0_back" AS BIGINT) AS "month_0_back"
          FROM (VALUES (1709251200000000, 1709251200000000), (1711929600000000, 1711929600000000)) AS steps("column_since", "column_month_0_back")) c ON r.t >= c.since) p
      JOIN (
        SELECT v.*, COALESCE(MAX(CASE WHEN "v"."x1" IS NOT NULL THEN v.until END) OVER (PARTITION BY v.e ORDER BY v.us, v.until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -4611686018427387904) AS "x1_reach"
        FROM (
          SELECT v.*
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", CASE WHEN ("f"."kwh" > CAST(2 AS DOUBLE)) THEN 1 END AS "x1", COALESCE(epoch_us("f"."loaded_at"), 9223372036854775807) AS until
            FROM (
              SELECT i.*
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh"
                FROM "mart"."usage") i
              WHERE "i"."loaded_at" IS NULL OR "i"."loaded_at" >= "i"."ts") f
            JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
          WHERE v.until > 1708905600000001) v) v ON v.e = p.e AND v.us < p.t AND v.until > p.t - 2678399999999
      GROUP BY p.e, p.t) w ON w.e = p.e AND w.t = p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
