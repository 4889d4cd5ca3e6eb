CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x1_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x1") AS "x1_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19810) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0", 1 AS "x1"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_distinct" AS
SELECT e, j, SUM("distinct0") AS "distinct0"
FROM (
  SELECT e, GREATEST_IGNORE_NULLS(j, 19810) AS j, "distinct0"
  FROM (
    SELECT *
    FROM (
      SELECT e, j, 1 AS "distinct0"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."key__0", "v"."key__1", GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, -1099511627776) AS j, "x0" AS x
            FROM (
              SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
            WHERE "x0" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1") o) seen
      UNION ALL
      SELECT e, LEAST_IGNORE_NULLS(next_j, j + 7) AS j, -1 AS "distinct0"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."key__0", "v"."key__1", GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, -1099511627776) AS j, "x0" AS x
            FROM (
              SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
            WHERE "x0" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1") o) seen) steps
    WHERE j <= 19816) log) g
GROUP BY e, j;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."tariffs_7d"
FROM (
  SELECT e, t, CAST("tariffs_7d" AS NUMBER(19, 0)) AS "tariffs_7d"
  FROM (
    SELECT a.e AS e, a.t AS t, COALESCE("d"."distinct0_count", 0) AS "tariffs_7d"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, "x1_count_run" AS "x1_count_at0"
          FROM (
            SELECT r.e AS e, s.j AS j, "r"."x1_count_run" AS "x1_count_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x1_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_count_run"
              FROM (
                SELECT *
                FROM "martlet_1_tile") tiles) r, LATERAL (
              SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
              FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
        WHERE j >= 19810) rows_) a
    LEFT JOIN (
      SELECT *
      FROM (
        SELECT e, j, "distinct0_run" AS "distinct0_count"
        FROM (
          SELECT r.e AS e, s.j AS j, "r"."distinct0_run" AS "distinct0_run"
          FROM (
            SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("distinct0") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "distinct0_run"
            FROM (
              SELECT *
              FROM "martlet_1_distinct") tiles) r, LATERAL (
            SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
            FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
      WHERE j >= 19810) d ON d.e = a.e AND d.j = a.j) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
