CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1"
    FROM "mart"."places") d
  WHERE "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count", "h"."x1_nonzero", "h"."x1_sum"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x0") AS "x0_count", COUNT(CASE WHEN "x1" <> 0 THEN 1 END) AS "x1_nonzero", SUM("x1") AS "x1_sum"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19803) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."kwh_7d"
FROM (
  SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, COALESCE("w"."kwh_7d", 0) AS "kwh_7d"
    FROM (
      SELECT e, t
      FROM (
        SELECT r.*, (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "population__valid"
        FROM (
          SELECT e, t
          FROM "martlet_1_point") r
        ASOF LEFT JOIN (
          SELECT *
          FROM (WITH ranked AS (
              SELECT n.e AS e, epoch_us("d"."since") AS since, epoch_us("d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(epoch_us("d"."since")) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(epoch_us("d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CAST("region" AS VARCHAR) AS "region", CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
                FROM "mart"."places") d
              JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
              WHERE "d"."since" IS NOT NULL AND (epoch_us("d"."until") IS NULL OR epoch_us("d"."until") > epoch_us("d"."since"))) SELECT e, since, until FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until FROM (
              SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
              FROM (
                SELECT DISTINCT e, until AS ended
                FROM ranked
                WHERE until < reach) u
              JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
              GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a ON r.e = a.e AND r.t >= a.since) there
      WHERE "population__valid") p
    LEFT JOIN (
      SELECT a.e AS e, a.t AS t, COALESCE(CASE WHEN (COALESCE("x1_nonzero_at0", 0) - COALESCE("x1_nonzero_at7", 0)) = 0 THEN 0 ELSE (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at7", 0)) END, 0) AS "kwh_7d"
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT *
          FROM (
            SELECT e, j, "x0_count_run" AS "x0_count_at0", "x1_nonzero_run" AS "x1_nonzero_at0", LAG("x1_nonzero_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_nonzero_at7", "x1_sum_run" AS "x1_sum_at0", LAG("x1_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_sum_at7"
            FROM (
              SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run", "r"."x1_nonzero_run" AS "x1_nonzero_run", "r"."x1_sum_run" AS "x1_sum_run"
              FROM (
                SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run", SUM("x1_nonzero") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_nonzero_run", SUM("x1_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_sum_run"
                FROM (
                  SELECT *
                  FROM "martlet_1_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
          WHERE j >= 19810) boundaries) a) w ON w.e = p.e AND w.t = p.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
