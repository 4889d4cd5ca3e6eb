SELECT "n"."key__0", "n"."key__1", g.us AS us
FROM (
  SELECT "s"."key__0", "s"."key__1", MIN(greatest(epoch_us("s"."ts") + 1, epoch_us("s"."loaded_at") - 21600000000)) AS since
  FROM (
    SELECT r.*
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at"
      FROM "mart"."usage") r
    WHERE "r"."key__0" IS NOT NULL AND "r"."key__1" IS NOT NULL AND "r"."ts" IS NOT NULL AND "r"."loaded_at" IS NOT NULL) s
  GROUP BY "s"."key__0", "s"."key__1") n
JOIN (
  SELECT 1711670400000000 AS us, 1711670400000000 AS t
  UNION ALL
  SELECT 1712016000000000 AS us, 1712016000000000 AS t) g ON n.since <= "g"."t";
