CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_oldest", "h"."x0_newest", "h"."x0_newestTime"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, arg_min("x0", row("us" IS NOT NULL, "us", "sequence" IS NOT NULL, "sequence", "x0" IS NOT NULL, "x0")) AS "x0_oldest", arg_max("x0", row("us" IS NOT NULL, "us", "sequence" IS NOT NULL, "sequence", "x0" IS NOT NULL, "x0")) AS "x0_newest", MAX(CASE WHEN "x0" IS NOT NULL THEN "us" END) AS "x0_newestTime"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19803) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, "f"."seq" AS sequence, "f"."tariff" AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."first_7d", "v"."last_7d"
FROM (
  SELECT e, t, CAST("first_7d" AS VARCHAR) AS "first_7d", CAST("last_7d" AS VARCHAR) AS "last_7d"
  FROM (
    SELECT a.e AS e, a.t AS t, "x0_oldest_w7_s0" AS "first_7d", CASE WHEN "x0_newestTime_at0" >= (t - 604800000000) THEN "x0_newest_at0" END AS "last_7d"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, FIRST_VALUE("x0_oldest" IGNORE NULLS) OVER (PARTITION BY e ORDER BY j ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS "x0_oldest_w7_s0", "x0_newest_run" AS "x0_newest_at0", "x0_newestTime_run" AS "x0_newestTime_at0"
          FROM (
            SELECT r.e AS e, s.j AS j, CASE WHEN s.j = r.tile THEN "r"."x0_oldest" END AS "x0_oldest", "r"."x0_newest_run" AS "x0_newest_run", "r"."x0_newestTime_run" AS "x0_newestTime_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, "x0_oldest", LAST_VALUE("x0_newest" IGNORE NULLS) OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_newest_run", MAX("x0_newestTime") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_newestTime_run"
              FROM (
                SELECT *
                FROM "martlet_1_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
        WHERE j >= 19810) rows_) a) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
