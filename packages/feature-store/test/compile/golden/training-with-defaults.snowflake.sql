CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", COALESCE(CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."score" END, CAST(0.5 AS DOUBLE)) AS "scores__score", CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."segment" END AS "scores__segment", (CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."score" END IS NULL) AS "scores__score__missing"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT spine_row, t, CASE WHEN t IS NOT NULL THEN "score" END AS "score", CASE WHEN t IS NOT NULL THEN "segment" END AS "segment"
  FROM (
    SELECT spine_row, t, CAST("value__0" AS DOUBLE) AS "score", CAST("value__1" AS VARCHAR) AS "segment"
    FROM (
      SELECT m.spine_row AS spine_row, o.t AS t, o."value__0", o."value__1"
      FROM (
        SELECT k.spine_row AS spine_row, k.e AS e, r.best AS best
        FROM (
          SELECT spine_row, us, "e0" AS e
          FROM "martlet_1_keyed") k
        ASOF JOIN (
          SELECT e, known, MAX(place) OVER (PARTITION BY e ORDER BY known ROWS UNBOUNDED PRECEDING) AS best
          FROM (
            SELECT e, known, MAX(place) AS place
            FROM (
              SELECT o.*, GREATEST_IGNORE_NULLS(o.t + 3600000000, DATE_PART(EPOCH_MICROSECOND, o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST, o."value__1" NULLS FIRST) AS place
              FROM (
                SELECT n.e AS e, p.*
                FROM (
                  SELECT "s"."key__0", "s"."key__1", DATE_PART(EPOCH_MICROSECOND, "s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
                  FROM (
                    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "at") AS TIMESTAMP_NTZ(6)) AS "at", CAST(CONVERT_TIMEZONE('UTC', "written") AS TIMESTAMP_NTZ(6)) AS "written", CASE WHEN CAST("score" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
                    FROM "mart"."scores") s
                  WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
                JOIN "martlet_1_e0" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) ranked
            GROUP BY e, known) moments) r MATCH_CONDITION (k.us >= r.known) ON k.e = r.e) m
      LEFT JOIN (
        SELECT o.*, GREATEST_IGNORE_NULLS(o.t + 3600000000, DATE_PART(EPOCH_MICROSECOND, o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST, o."value__1" NULLS FIRST) AS place
        FROM (
          SELECT n.e AS e, p.*
          FROM (
            SELECT "s"."key__0", "s"."key__1", DATE_PART(EPOCH_MICROSECOND, "s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "at") AS TIMESTAMP_NTZ(6)) AS "at", CAST(CONVERT_TIMEZONE('UTC', "written") AS TIMESTAMP_NTZ(6)) AS "written", CASE WHEN CAST("score" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
              FROM "mart"."scores") s
            WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
          JOIN "martlet_1_e0" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) o ON o.e = m.e AND o.place = m.best) base) known) "v0" ON "v0".spine_row = "k".spine_row;
