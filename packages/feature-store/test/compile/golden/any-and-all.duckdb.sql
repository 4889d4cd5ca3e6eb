CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count", "h"."x1_count", "h"."x2_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x0") AS "x0_count", COUNT("x1") AS "x1_count", COUNT("x2") AS "x2_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19803) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."computed__3d37434718b0d895" AS "x0", CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN "f"."computed__04700332b7ee6e24" END AS "x1", CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN 1 END AS "x2"
      FROM (
        SELECT s.*, (CASE WHEN ("s"."tariff" = CAST('peak' AS VARCHAR)) THEN CAST(1 AS BIGINT) ELSE NULL END) AS "computed__3d37434718b0d895", (CASE WHEN "s"."open" THEN CAST(1 AS BIGINT) ELSE NULL END) AS "computed__04700332b7ee6e24"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") s) f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."peak_7d", "v"."open_7d"
FROM (
  SELECT e, t, CAST("peak_7d" AS BOOLEAN) AS "peak_7d", CAST("open_7d" AS BOOLEAN) AS "open_7d"
  FROM (
    SELECT a.e AS e, a.t AS t, ("x0_count_over7_0" > 0) AS "peak_7d", CASE WHEN "x2_count_over7_0" > 0 THEN "x1_count_over7_0" = "x2_count_over7_0" END AS "open_7d"
    FROM (
      SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at7", 0)) AS "x0_count_over7_0", (COALESCE("x1_count_at0", 0) - COALESCE("x1_count_at7", 0)) AS "x1_count_over7_0", (COALESCE("x2_count_at0", 0) - COALESCE("x2_count_at7", 0)) AS "x2_count_over7_0"
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT *
          FROM (
            SELECT e, j, "x0_count_run" AS "x0_count_at0", LAG("x0_count_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_count_at7", "x1_count_run" AS "x1_count_at0", LAG("x1_count_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_count_at7", "x2_count_run" AS "x2_count_at0", LAG("x2_count_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x2_count_at7"
            FROM (
              SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run", "r"."x1_count_run" AS "x1_count_run", "r"."x2_count_run" AS "x2_count_run"
              FROM (
                SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run", SUM("x1_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_count_run", SUM("x2_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x2_count_run"
                FROM (
                  SELECT *
                  FROM "martlet_1_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
          WHERE j >= 19810) rows_) a) a) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
