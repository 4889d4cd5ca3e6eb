CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x0") AS "x0_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19810) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, "f"."seq" AS sequence, 1 AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_rows0" AS
SELECT e, us, ROW_NUMBER() OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST) AS ordinal, AVG(CAST("x" AS DOUBLE)) OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS "f0"
FROM (
  SELECT *, us - 1711843200000000 AS tau
  FROM (
    SELECT n.e AS e, epoch_us("f"."ts") AS us, "f"."seq" AS sequence, 1 AS "passes", "f"."kwh" AS "x"
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
  WHERE passes IS NOT NULL) k;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."recent_last10"
FROM (
  SELECT e, t, CAST("recent_last10" AS DOUBLE) AS "recent_last10"
  FROM (
    SELECT a.e AS e, a.t AS t, "rows0"."f0" AS "recent_last10"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, "x0_count_run" AS "x0_count_at0"
          FROM (
            SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run"
              FROM (
                SELECT *
                FROM "martlet_1_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
        WHERE j >= 19810) boundaries) a
    LEFT JOIN (
      SELECT *
      FROM (
        SELECT e, j, "ordinal_run" AS "place"
        FROM (
          SELECT r.e AS e, s.j AS j, "r"."ordinal_run" AS "ordinal_run"
          FROM (
            SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, MAX("ordinal") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "ordinal_run"
            FROM (
              SELECT e, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19810) AS j, MAX(ordinal) AS ordinal
              FROM "martlet_1_rows0"
              GROUP BY 1, 2) tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
      WHERE j >= 19810) "rows0_at" ON "rows0_at".e = a.e AND "rows0_at".j = a.j
    LEFT JOIN "martlet_1_rows0" "rows0" ON "rows0"."e" = a.e AND "rows0"."ordinal" = "rows0_at".place) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
