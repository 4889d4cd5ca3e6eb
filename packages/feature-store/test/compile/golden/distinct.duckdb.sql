CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "site_id", "channel") - 1 AS e, "site_id", "channel"
FROM (
  SELECT DISTINCT "site_id", "channel"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "site_id" IS NOT NULL AND "channel" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count"
FROM (
  SELECT "g"."site_id", "g"."channel", j, COUNT("x0") AS "x0_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19810) AS j
    FROM (
      SELECT "f"."site_id", "f"."channel", epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."tariff" AS "x1"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CAST("reads" AS BIGINT) AS "reads", CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."site_id", "g"."channel", j) h
JOIN "martlet_1_entity" n ON "n"."site_id" = "h"."site_id" AND "n"."channel" = "h"."channel";

CREATE TEMPORARY TABLE "martlet_1_distinct" AS
SELECT e, j, SUM("distinct0") AS "distinct0", SUM("distinct1") AS "distinct1"
FROM (
  SELECT e, greatest(j, 19810) AS j, "distinct0", "distinct1"
  FROM (
    SELECT *
    FROM (
      SELECT e, j, 1 AS "distinct0", CASE WHEN j = first_j THEN 1 ELSE 0 END AS "distinct1"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."site_id", "v"."channel", greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, -1099511627776) AS j, "x1" AS x
            FROM (
              SELECT "f"."site_id", "f"."channel", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x1"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CAST("reads" AS BIGINT) AS "reads", CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
            WHERE "x1" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."site_id" = "d"."site_id" AND "n"."channel" = "d"."channel") o) seen
      UNION ALL
      SELECT e, least(next_j, j + 7) AS j, -1 AS "distinct0", 0 AS "distinct1"
      FROM (
        SELECT e, j, LEAD(j) OVER (PARTITION BY e, x ORDER BY j) AS next_j, MIN(j) OVER (PARTITION BY e, x) AS first_j
        FROM (
          SELECT n.e AS e, d.j AS j, d.x AS x
          FROM (
            SELECT DISTINCT "v"."site_id", "v"."channel", greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, -1099511627776) AS j, "x1" AS x
            FROM (
              SELECT "f"."site_id", "f"."channel", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."tariff" AS "x1"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CAST("reads" AS BIGINT) AS "reads", CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
            WHERE "x1" IS NOT NULL) d
          JOIN "martlet_1_entity" n ON "n"."site_id" = "d"."site_id" AND "n"."channel" = "d"."channel") o) seen) steps
    WHERE j <= 19816) log) g
GROUP BY e, j;

SELECT "n"."site_id", "n"."channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."tariffs_7d", "v"."ever"
FROM (
  SELECT e, t, CAST("tariffs_7d" AS BIGINT) AS "tariffs_7d", CAST("ever" AS BIGINT) AS "ever"
  FROM (
    SELECT a.e AS e, a.t AS t, COALESCE(COALESCE("d"."distinct0_count", 0), 0) AS "tariffs_7d", COALESCE(COALESCE("d"."distinct1_count", 0), 0) AS "ever"
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
        SELECT e, j, "distinct0_run" AS "distinct0_count", "distinct1_run" AS "distinct1_count"
        FROM (
          SELECT r.e AS e, s.j AS j, "r"."distinct0_run" AS "distinct0_run", "r"."distinct1_run" AS "distinct1_run"
          FROM (
            SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("distinct0") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "distinct0_run", SUM("distinct1") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "distinct1_run"
            FROM (
              SELECT *
              FROM "martlet_1_distinct") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
      WHERE j >= 19810) d ON d.e = a.e AND d.j = a.j) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
