SELECT "n"."key__0", "n"."key__1", g.us AS us
FROM (
  SELECT "s"."key__0", "s"."key__1", MIN(greatest(epoch_us("s"."at") + 3600000000, epoch_us("s"."written"))) AS since
  FROM (
    SELECT r.*
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written"
      FROM "mart"."scores") r
    WHERE "r"."key__0" IS NOT NULL AND "r"."key__1" IS NOT NULL AND "r"."at" IS NOT NULL AND "r"."written" IS NOT NULL) s
  GROUP BY "s"."key__0", "s"."key__1") n
JOIN (
  SELECT 1711670400000000 AS us, 1711670400000000 AS t
  UNION ALL
  SELECT 1712016000000000 AS us, 1712016000000000 AS t) g ON n.since <= "g"."us";
