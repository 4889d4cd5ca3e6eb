CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_max", "h"."x1_newest"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, MAX("x0") AS "x0_max", CAST(GET(ARRAY_AGG("x1") WITHIN GROUP (ORDER BY "us" DESC NULLS LAST, "sequence" DESC NULLS LAST, "x1" DESC NULLS LAST), 0) AS VARCHAR) AS "x1_newest"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19809) AS j
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", "f"."tariff" AS "x1"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."kwh_1d", "v"."tariff", "v"."standing", "v"."above", "v"."half", "v"."tier", "v"."odd", "v"."part"
FROM (
  SELECT *, CAST(CASE WHEN "part__x" IS NULL THEN NULL ELSE (CAST("part__scaled" AS DOUBLE) / NULLIF(CAST(SUM("part__scaled") OVER (PARTITION BY t, ("part__x" IS NULL)) AS DOUBLE), 0)) END AS DOUBLE) AS "part"
  FROM (
    SELECT *, CAST("part__x" AS DOUBLE) / NULLIF(MAX(ABS(CAST("part__x" AS DOUBLE))) OVER (PARTITION BY t, ("part__x" IS NULL)), 0) AS "part__scaled"
    FROM (
      SELECT *, "kwh_1d" AS "part__x"
      FROM (
        SELECT *, CAST(CASE WHEN "odd__x" IS NULL THEN NULL ELSE CASE WHEN MIN("odd__x") OVER (PARTITION BY t, ("odd__x" IS NULL)) < MAX("odd__x") OVER (PARTITION BY t, ("odd__x" IS NULL)) THEN (CAST(("odd__scaled" - AVG("odd__scaled") OVER (PARTITION BY t, ("odd__x" IS NULL))) AS DOUBLE) / NULLIF(CAST(STDDEV_SAMP("odd__scaled") OVER (PARTITION BY t, ("odd__x" IS NULL)) AS DOUBLE), 0)) END END AS DOUBLE) AS "odd"
        FROM (
          SELECT *, CAST("odd__x" AS DOUBLE) / NULLIF(MAX(ABS(CAST("odd__x" AS DOUBLE))) OVER (PARTITION BY t, ("odd__x" IS NULL)), 0) AS "odd__scaled"
          FROM (
            SELECT *, "kwh_1d" AS "odd__x"
            FROM (
              SELECT *, CAST(CASE WHEN "tier__x" IS NULL THEN NULL ELSE CEIL((CAST((5 * COUNT(*) OVER (PARTITION BY t, ("tier__x" IS NULL) ORDER BY "tier__x")) AS DOUBLE) / NULLIF(CAST(COUNT(*) OVER (PARTITION BY t, ("tier__x" IS NULL)) AS DOUBLE), 0))) END AS NUMBER(19, 0)) AS "tier"
              FROM (
                SELECT *, "kwh_1d" AS "tier__x"
                FROM (
                  SELECT *, CAST(CASE WHEN "half__x" IS NULL THEN NULL ELSE NTILE(2) OVER (PARTITION BY t, ("half__x" IS NULL) ORDER BY "half__x", e) END AS NUMBER(19, 0)) AS "half"
                  FROM (
                    SELECT *, "kwh_1d" AS "half__x"
                    FROM (
                      SELECT *, CAST(CASE WHEN "above__x" IS NULL THEN NULL ELSE COALESCE((CAST((RANK() OVER (PARTITION BY t, ("above__x" IS NULL) ORDER BY "above__x") - 1) AS DOUBLE) / NULLIF(CAST((COUNT(*) OVER (PARTITION BY t, ("above__x" IS NULL)) - 1) AS DOUBLE), 0)), 0) END AS DOUBLE) AS "above"
                      FROM (
                        SELECT *, "kwh_1d" AS "above__x"
                        FROM (
                          SELECT *, CAST(CASE WHEN "standing__x" IS NULL OR "standing__group" IS NULL THEN NULL ELSE RANK() OVER (PARTITION BY t, "standing__group", ("standing__x" IS NULL OR "standing__group" IS NULL) ORDER BY "standing__x" DESC) END AS NUMBER(19, 0)) AS "standing"
                          FROM (
                            SELECT *, "kwh_1d" AS "standing__x", "tariff" AS "standing__group"
                            FROM (
                              SELECT e, t, CAST("kwh_1d" AS DOUBLE) AS "kwh_1d", CAST("tariff" AS VARCHAR) AS "tariff"
                              FROM (
                                SELECT a.e AS e, a.t AS t, "x0_max_w1_s0" AS "kwh_1d", "x1_newest_at0" AS "tariff"
                                FROM (
                                  SELECT *, (j * 86400000000) AS t
                                  FROM (
                                    SELECT *
                                    FROM (
                                      SELECT e, j, MAX("x0_max") OVER (PARTITION BY e ORDER BY j ROWS BETWEEN 0 PRECEDING AND CURRENT ROW) AS "x0_max_w1_s0", "x1_newest_run" AS "x1_newest_at0"
                                      FROM (
                                        SELECT r.e AS e, s.j AS j, CASE WHEN s.j = r.tile THEN "r"."x0_max" END AS "x0_max", "r"."x1_newest_run" AS "x1_newest_run"
                                        FROM (
                                          SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, "x0_max", LAST_VALUE("x1_newest") IGNORE NULLS OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_newest_run"
                                          FROM (
                                            SELECT *
                                            FROM "martlet_1_tile") tiles) r, LATERAL (
                                          SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
                                          FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
                                    WHERE j >= 19810) rows_) a) base) r) sized) r) sized) r) sized) r) sized) r) own) sized) r) own) sized) v
JOIN "martlet_1_entity" n ON n.e = v.e;
