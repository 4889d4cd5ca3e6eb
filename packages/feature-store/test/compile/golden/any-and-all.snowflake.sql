CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count", "h"."x1_count", "h"."x2_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x0") AS "x0_count", COUNT("x1") AS "x1_count", COUNT("x2") AS "x2_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19803) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."computed__3d37434718b0d895" AS "x0", CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN "f"."computed__04700332b7ee6e24" END AS "x1", CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN 1 END AS "x2"
      FROM (
        SELECT s.*, (CASE WHEN ("s"."tariff" = CAST('peak' AS VARCHAR)) THEN CAST(1 AS NUMBER(19, 0)) ELSE NULL END) AS "computed__3d37434718b0d895", (CASE WHEN "s"."open" THEN CAST(1 AS NUMBER(19, 0)) ELSE NULL END) AS "computed__04700332b7ee6e24"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") s) f
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."peak_7d", "v"."open_7d"
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
                  FROM "martlet_1_tile") tiles) r, LATERAL (
                SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
                FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
          WHERE j >= 19810) rows_) a) a) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
