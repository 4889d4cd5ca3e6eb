CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x1_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x1") AS "x1_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19810) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0", 1 AS "x1"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_distinct" AS
SELECT e, j, SUM("distinct0") AS "distinct0"
FROM (
  SELECT e, greatest(j, 19810) AS j, "distinct0"
  FROM (
    SELECT *
    FROM (
      SELECT e, j, 1 AS "distinct0"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."key__0", "v"."key__1", greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, -1099511627776) AS j, "x0" AS x
            FROM (
              SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
            WHERE "x0" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1") o) seen
      UNION ALL
      SELECT e, least(next_j, j + 7) AS j, -1 AS "distinct0"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."key__0", "v"."key__1", greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, -1099511627776) AS j, "x0" AS x
            FROM (
              SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x0"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
            WHERE "x0" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1") o) seen) steps
    WHERE j <= 19816) log) g
GROUP BY e, j;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."tariffs_7d"
FROM (
  SELECT e, t, CAST("tariffs_7d" AS BIGINT) AS "tariffs_7d"
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
                FROM "martlet_1_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
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
              FROM "martlet_1_distinct") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
      WHERE j >= 19810) d ON d.e = a.e AND d.j = a.j) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
