CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT CAST(0 AS BIGINT) AS e;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711666800000000), (1711753200000000), (1711839600000000), (1711922400000000), (1712008800000000), (1712095200000000), (1712181600000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 3600000000 - CASE WHEN CAST(i.t AS BIGINT) % 3600000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

SELECT make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."tomorrow", "v"."price"
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
            SELECT t, CASE WHEN CAST((timezone('Europe/Zurich', timezone('UTC', make_timestamp(CAST(t AS BIGINT)))) + to_microseconds(CAST(86400000000 AS BIGINT))) AS DATE) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST((timezone('Europe/Zurich', timezone('UTC', make_timestamp(CAST(t AS BIGINT)))) + to_microseconds(CAST(86400000000 AS BIGINT))) AS DATE) END AS target
            FROM (
              SELECT t
              FROM "martlet_1_instant") times) i
          JOIN (
            SELECT "s"."date" AS since, "s"."date" AS "c0", "s"."name" AS "c1"
            FROM (
              SELECT CASE WHEN CAST("date" AS DATE) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST("date" AS DATE) END AS "date", CAST("name" AS VARCHAR) AS "name"
              FROM "mart"."holidays") s
            WHERE "s"."date" IS NOT NULL) d ON d.since = i.target) candidates
        WHERE place = 1) "l0" ON "l0".t = r.t) r
    LEFT JOIN (
      SELECT t, "l1__of_price"
      FROM (
        SELECT i.t AS t, ROW_NUMBER() OVER (PARTITION BY i.t ORDER BY d.since DESC NULLS LAST, d.known DESC NULLS LAST, d.until DESC NULLS LAST, d."c3" DESC NULLS LAST) AS place, d."c3" AS "l1__of_price"
        FROM (
          SELECT t, epoch_us(timezone('UTC', timezone('Europe/Zurich', (timezone('Europe/Zurich', timezone('UTC', make_timestamp(CAST(t AS BIGINT)))) + to_microseconds(CAST(86400000000 AS BIGINT)))))) AS target
          FROM (
            SELECT t
            FROM "martlet_1_instant") times) i
        JOIN (
          SELECT epoch_us("s"."since") AS since, COALESCE(epoch_us("s"."until"), 9223372036854775807) AS until, epoch_us("s"."published") AS known, "s"."since" AS "c0", "s"."until" AS "c1", "s"."published" AS "c2", "s"."price" AS "c3"
          FROM (
            SELECT CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until", CASE WHEN TRY_CAST("published" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("published" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("published" AS TIMESTAMP) END AS "published", CASE WHEN isfinite(CAST("price" AS DOUBLE)) THEN CAST("price" AS DOUBLE) END AS "price"
            FROM "mart"."prices") s
          WHERE "s"."since" IS NOT NULL) d ON d.since <= i.target AND i.target < d.until AND d.known <= i.t + 0) candidates
      WHERE place = 1) "l1" ON "l1".t = r.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
