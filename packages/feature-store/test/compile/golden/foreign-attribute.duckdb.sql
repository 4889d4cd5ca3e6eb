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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."score"
FROM (
  SELECT e, t, CAST("f1__of_score" AS DOUBLE) AS "score"
  FROM (
    SELECT r.*, CASE WHEN ("r"."f0__of_region" IS NOT NULL AND a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) THEN "a"."f1__of_score" END AS "f1__of_score", ("r"."f0__of_region" IS NOT NULL AND a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "f1__valid"
    FROM (
      SELECT r.*, CASE WHEN (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) THEN "a"."f0__of_region" END AS "f0__of_region", (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "f0__valid"
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
        WHERE "population__valid") r
      ASOF LEFT JOIN (
        SELECT *
        FROM (WITH ranked AS (
            SELECT n.e AS e, epoch_us("d"."since") AS since, epoch_us("d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(epoch_us("d"."since")) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(epoch_us("d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach, "d"."region" AS "f0__of_region"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CAST("region" AS VARCHAR) AS "region", CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
              FROM "mart"."places") d
            JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
            WHERE "d"."since" IS NOT NULL AND (epoch_us("d"."until") IS NULL OR epoch_us("d"."until") > epoch_us("d"."since"))) SELECT e, since, until, "f0__of_region" FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until, "k"."f0__of_region" FROM (
            SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
            FROM (
              SELECT DISTINCT e, until AS ended
              FROM ranked
              WHERE until < reach) u
            JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
            GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a ON r.e = a.e AND r.t >= a.since) r
    ASOF LEFT JOIN (
      SELECT *
      FROM (WITH ranked AS (
          SELECT d."key__0" AS "key__0", epoch_us("d"."since") AS since, epoch_us("d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY d."key__0" ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."score" NULLS FIRST) AS place, LEAD(epoch_us("d"."since")) OVER (PARTITION BY d."key__0" ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."score" NULLS FIRST) AS next_since, MAX(COALESCE(epoch_us("d"."until"), 9223372036854775807)) OVER (PARTITION BY d."key__0" ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."score" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach, "d"."score" AS "f1__of_score"
          FROM (
            SELECT CAST("region" AS VARCHAR) AS "key__0", CAST("region" AS VARCHAR) AS "region", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
            FROM "mart"."regions") d
          WHERE "d"."since" IS NOT NULL AND (epoch_us("d"."until") IS NULL OR epoch_us("d"."until") > epoch_us("d"."since"))) SELECT "key__0", since, until, "f1__of_score" FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w."key__0", w.ended, k.until, "k"."f1__of_score" FROM (
          SELECT u."key__0" AS "key__0", u.ended AS ended, MAX(k.place) AS place
          FROM (
            SELECT DISTINCT "key__0", until AS ended
            FROM ranked
            WHERE until < reach) u
          JOIN ranked k ON k."key__0" = u."key__0" AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
          GROUP BY u."key__0", u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k."key__0" = w."key__0" AND k.place = w.place) steps) a ON "r"."f0__of_region" = a."key__0" AND r.t >= a.since) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
