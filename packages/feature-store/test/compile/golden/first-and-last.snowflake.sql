CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_oldest", "h"."x0_newest", "h"."x0_newestTime"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, CAST(GET(ARRAY_AGG("x0") WITHIN GROUP (ORDER BY "us" ASC NULLS FIRST, "sequence" ASC NULLS FIRST, "x0" ASC NULLS FIRST), 0) AS VARCHAR) AS "x0_oldest", CAST(GET(ARRAY_AGG("x0") WITHIN GROUP (ORDER BY "us" DESC NULLS LAST, "sequence" DESC NULLS LAST, "x0" DESC NULLS LAST), 0) AS VARCHAR) AS "x0_newest", MAX(CASE WHEN "x0" IS NOT NULL THEN "us" END) AS "x0_newestTime"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19803) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, "f"."tariff" AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."first_7d", "v"."last_7d"
FROM (
  SELECT e, t, CAST("first_7d" AS VARCHAR) AS "first_7d", CAST("last_7d" AS VARCHAR) AS "last_7d"
  FROM (
    SELECT a.e AS e, a.t AS t, "x0_oldest_w7_s0" AS "first_7d", CASE WHEN "x0_newestTime_at0" >= (t - 604800000000) THEN "x0_newest_at0" END AS "last_7d"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, FIRST_VALUE("x0_oldest") IGNORE NULLS OVER (PARTITION BY e ORDER BY j ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS "x0_oldest_w7_s0", "x0_newest_run" AS "x0_newest_at0", "x0_newestTime_run" AS "x0_newestTime_at0"
          FROM (
            SELECT r.e AS e, s.j AS j, CASE WHEN s.j = r.tile THEN "r"."x0_oldest" END AS "x0_oldest", "r"."x0_newest_run" AS "x0_newest_run", "r"."x0_newestTime_run" AS "x0_newestTime_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, "x0_oldest", LAST_VALUE("x0_newest") IGNORE NULLS OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_newest_run", MAX("x0_newestTime") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_newestTime_run"
              FROM (
                SELECT *
                FROM "martlet_1_tile") tiles) r, LATERAL (
              SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
              FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
        WHERE j >= 19810) rows_) a) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
