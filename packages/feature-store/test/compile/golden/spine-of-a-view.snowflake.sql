SELECT "n"."key__0", "n"."key__1", g.us AS us
FROM (
  SELECT "s"."key__0", "s"."key__1", MIN(GREATEST_IGNORE_NULLS(DATE_PART(EPOCH_MICROSECOND, "s"."ts") + 1, DATE_PART(EPOCH_MICROSECOND, "s"."loaded_at") - 21600000000)) AS since
  FROM (
    SELECT r.*
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at"
      FROM "mart"."usage") r
    WHERE "r"."key__0" IS NOT NULL AND "r"."key__1" IS NOT NULL AND "r"."ts" IS NOT NULL AND "r"."loaded_at" IS NOT NULL) s
  GROUP BY "s"."key__0", "s"."key__1") n
JOIN (
  SELECT 1711670400000000 AS us, 1711670400000000 AS t
  UNION ALL
  SELECT 1712016000000000 AS us, 1712016000000000 AS t) g ON n.since <= "g"."t";
