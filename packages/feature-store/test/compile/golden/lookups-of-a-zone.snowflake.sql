CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT CAST(0 AS NUMBER(19, 0)) AS e;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS NUMBER(19, 0)) AS t
FROM (VALUES (1711666800000000), (1711753200000000), (1711839600000000), (1711922400000000), (1712008800000000), (1712095200000000), (1712181600000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, CAST((i.t - MOD(MOD(i.t, 3600000000) + 3600000000, 3600000000)) / 3600000000 AS NUMBER(19, 0)) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."tomorrow", "v"."price"
FROM (
  SELECT e, t, CAST("l0__of_name" AS VARCHAR) AS "tomorrow", CAST("l1__of_price" AS DOUBLE) AS "price"
  FROM (
    SELECT r.*, "l1"."l1__of_price"
    FROM (
      SELECT r.*, "l0"."l0__of_name"
      FROM (
        SELECT e, t
        FROM "martlet_1_point") r
      LEFT JOIN (
        SELECT t, "l0__of_name"
        FROM (
          SELECT i.t AS t, ROW_NUMBER() OVER (PARTITION BY i.t ORDER BY d.since DESC NULLS LAST, d."c1" DESC NULLS LAST) AS place, d."c1" AS "l0__of_name"
          FROM (
            SELECT t, CAST(DATEADD('microsecond', 86400000000, CONVERT_TIMEZONE('UTC', 'Europe/Zurich', CAST(TO_TIMESTAMP_NTZ(CAST(t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)))) AS DATE) AS target
            FROM (
              SELECT t
              FROM "martlet_1_instant") times) i
          JOIN (
            SELECT "s"."date" AS since, "s"."date" AS "c0", "s"."name" AS "c1"
            FROM (
              SELECT CAST("date" AS DATE) AS "date", CAST("name" AS VARCHAR) AS "name"
              FROM "mart"."holidays") s
            WHERE "s"."date" IS NOT NULL) d ON d.since = i.target) candidates
        WHERE place = 1) "l0" ON "l0".t = r.t) r
    LEFT JOIN (
      SELECT t, "l1__of_price"
      FROM (
        SELECT i.t AS t, ROW_NUMBER() OVER (PARTITION BY i.t ORDER BY d.since DESC NULLS LAST, d.known DESC NULLS LAST, d.until DESC NULLS LAST, d."c3" DESC NULLS LAST) AS place, d."c3" AS "l1__of_price"
        FROM (
          SELECT t, DATE_PART(EPOCH_MICROSECOND, CONVERT_TIMEZONE('Europe/Zurich', 'UTC', DATEADD('microsecond', 86400000000, CONVERT_TIMEZONE('UTC', 'Europe/Zurich', CAST(TO_TIMESTAMP_NTZ(CAST(t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)))))) AS target
          FROM (
            SELECT t
            FROM "martlet_1_instant") times) i
        JOIN (
          SELECT DATE_PART(EPOCH_MICROSECOND, "s"."since") AS since, COALESCE(DATE_PART(EPOCH_MICROSECOND, "s"."until"), 9223372036854775807) AS until, DATE_PART(EPOCH_MICROSECOND, "s"."published") AS known, "s"."since" AS "c0", "s"."until" AS "c1", "s"."published" AS "c2", "s"."price" AS "c3"
          FROM (
            SELECT CAST(CONVERT_TIMEZONE('UTC', "since") AS TIMESTAMP_NTZ(6)) AS "since", CAST(CONVERT_TIMEZONE('UTC', "until") AS TIMESTAMP_NTZ(6)) AS "until", CAST(CONVERT_TIMEZONE('UTC', "published") AS TIMESTAMP_NTZ(6)) AS "published", CASE WHEN CAST("price" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("price" AS DOUBLE) END AS "price"
            FROM "mart"."prices") s
          WHERE "s"."since" IS NOT NULL) d ON d.since <= i.target AND i.target < d.until AND d.known <= i.t + 0) candidates
      WHERE place = 1) "l1" ON "l1".t = r.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
