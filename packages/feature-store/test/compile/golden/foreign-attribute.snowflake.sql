CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1"
    FROM "mart"."places") d
  WHERE "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS NUMBER(19, 0)) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, CAST((i.t - MOD(MOD(i.t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."score"
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
          ASOF JOIN (
            SELECT *
            FROM (WITH ranked AS (
                SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "d"."since") AS since, DATE_PART(EPOCH_MICROSECOND, "d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(DATE_PART(EPOCH_MICROSECOND, "d"."since")) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(DATE_PART(EPOCH_MICROSECOND, "d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
                FROM (
                  SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST("region" AS VARCHAR) AS "region", CAST(CONVERT_TIMEZONE('UTC', "since") AS TIMESTAMP_NTZ(6)) AS "since", CAST(CONVERT_TIMEZONE('UTC', "until") AS TIMESTAMP_NTZ(6)) AS "until"
                  FROM "mart"."places") d
                JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
                WHERE "d"."since" IS NOT NULL AND (DATE_PART(EPOCH_MICROSECOND, "d"."until") IS NULL OR DATE_PART(EPOCH_MICROSECOND, "d"."until") > DATE_PART(EPOCH_MICROSECOND, "d"."since"))) SELECT e, since, until FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until FROM (
                SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
                FROM (
                  SELECT DISTINCT e, until AS ended
                  FROM ranked
                  WHERE until < reach) u
                JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
                GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a MATCH_CONDITION (r.t >= a.since) ON r.e = a.e) there
        WHERE "population__valid") r
      ASOF JOIN (
        SELECT *
        FROM (WITH ranked AS (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "d"."since") AS since, DATE_PART(EPOCH_MICROSECOND, "d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(DATE_PART(EPOCH_MICROSECOND, "d"."since")) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(DATE_PART(EPOCH_MICROSECOND, "d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach, "d"."region" AS "f0__of_region"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST("region" AS VARCHAR) AS "region", CAST(CONVERT_TIMEZONE('UTC', "since") AS TIMESTAMP_NTZ(6)) AS "since", CAST(CONVERT_TIMEZONE('UTC', "until") AS TIMESTAMP_NTZ(6)) AS "until"
              FROM "mart"."places") d
            JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
            WHERE "d"."since" IS NOT NULL AND (DATE_PART(EPOCH_MICROSECOND, "d"."until") IS NULL OR DATE_PART(EPOCH_MICROSECOND, "d"."until") > DATE_PART(EPOCH_MICROSECOND, "d"."since"))) SELECT e, since, until, "f0__of_region" FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until, "k"."f0__of_region" FROM (
            SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
            FROM (
              SELECT DISTINCT e, until AS ended
              FROM ranked
              WHERE until < reach) u
            JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
            GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a MATCH_CONDITION (r.t >= a.since) ON r.e = a.e) r
    ASOF JOIN (
      SELECT *
      FROM (WITH ranked AS (
          SELECT d."key__0" AS "key__0", DATE_PART(EPOCH_MICROSECOND, "d"."since") AS since, DATE_PART(EPOCH_MICROSECOND, "d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY d."key__0" ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."score" NULLS FIRST) AS place, LEAD(DATE_PART(EPOCH_MICROSECOND, "d"."since")) OVER (PARTITION BY d."key__0" ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."score" NULLS FIRST) AS next_since, MAX(COALESCE(DATE_PART(EPOCH_MICROSECOND, "d"."until"), 9223372036854775807)) OVER (PARTITION BY d."key__0" ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."score" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach, "d"."score" AS "f1__of_score"
          FROM (
            SELECT CAST("region" AS VARCHAR) AS "key__0", CAST("region" AS VARCHAR) AS "region", CASE WHEN CAST("score" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST(CONVERT_TIMEZONE('UTC', "since") AS TIMESTAMP_NTZ(6)) AS "since", CAST(CONVERT_TIMEZONE('UTC', "until") AS TIMESTAMP_NTZ(6)) AS "until"
            FROM "mart"."regions") d
          WHERE "d"."since" IS NOT NULL AND (DATE_PART(EPOCH_MICROSECOND, "d"."until") IS NULL OR DATE_PART(EPOCH_MICROSECOND, "d"."until") > DATE_PART(EPOCH_MICROSECOND, "d"."since"))) SELECT "key__0", since, until, "f1__of_score" FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w."key__0", w.ended, k.until, "k"."f1__of_score" FROM (
          SELECT u."key__0" AS "key__0", u.ended AS ended, MAX(k.place) AS place
          FROM (
            SELECT DISTINCT "key__0", until AS ended
            FROM ranked
            WHERE until < reach) u
          JOIN ranked k ON k."key__0" = u."key__0" AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
          GROUP BY u."key__0", u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k."key__0" = w."key__0" AND k.place = w.place) steps) a MATCH_CONDITION (r.t >= a.since) ON "r"."f0__of_region" = a."key__0") base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
