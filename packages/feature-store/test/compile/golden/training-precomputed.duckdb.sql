CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "site_id", "channel") - 1 AS e, "site_id", "channel"
FROM (
  SELECT DISTINCT "site_id", "channel"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, s.us AS us, "e0"."e" AS "e0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."site_id" = "s"."site_id" AND "e0"."channel" = "s"."channel";

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", CASE WHEN k.us - "v0".t <= 259200000000 THEN "v0"."score" END AS "scores__score", CASE WHEN k.us - "v0".t <= 259200000000 THEN "v0"."segment" END AS "scores__segment"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT spine_row, t, CASE WHEN t IS NOT NULL THEN "score" END AS "score", CASE WHEN t IS NOT NULL THEN "segment" END AS "segment"
  FROM (
    SELECT spine_row, t, CAST("value__0" AS DOUBLE) AS "score", CAST("value__1" AS VARCHAR) AS "segment"
    FROM (
      SELECT *
      FROM (
        SELECT m.spine_row AS spine_row, m.t AS t, o."value__0", o."value__1", ROW_NUMBER() OVER (PARTITION BY m.spine_row ORDER BY "o"."created__at" DESC NULLS LAST, "o"."value__0" DESC NULLS LAST, "o"."value__1" DESC NULLS LAST) AS place
        FROM (
          SELECT k.spine_row AS spine_row, k.e AS e, r.t AS t
          FROM (
            SELECT spine_row, us - 3600000000 AS reach, "e0" AS e
            FROM "martlet_1_keyed") k
          ASOF LEFT JOIN (
            SELECT e, t
            FROM (
              SELECT n.e AS e, p.*
              FROM (
                SELECT "s"."site_id", "s"."channel", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
                FROM (
                  SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
                  FROM "mart"."scores") s
                WHERE "s"."site_id" IS NOT NULL AND "s"."channel" IS NOT NULL AND "s"."at" IS NOT NULL) p
              JOIN "martlet_1_e0" n ON "n"."site_id" = "p"."site_id" AND "n"."channel" = "p"."channel") times) r ON k.e = r.e AND k.reach >= r.t) m
        LEFT JOIN (
          SELECT n.e AS e, p.*
          FROM (
            SELECT "s"."site_id", "s"."channel", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "site_id", CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
              FROM "mart"."scores") s
            WHERE "s"."site_id" IS NOT NULL AND "s"."channel" IS NOT NULL AND "s"."at" IS NOT NULL) p
          JOIN "martlet_1_e0" n ON "n"."site_id" = "p"."site_id" AND "n"."channel" = "p"."channel") o ON o.e = m.e AND o.t = m.t) ranked
      WHERE place = 1) base) known) "v0" ON "v0".spine_row = k.spine_row;
