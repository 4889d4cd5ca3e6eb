CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT DISTINCT "e0" AS e, us + 172800000000 AS t, us + 172800000000 AS j
FROM "martlet_1_keyed";

CREATE TEMPORARY TABLE "martlet_2_tile" AS
SELECT e, j, CAST(GET(ARRAY_AGG("x0") WITHIN GROUP (ORDER BY "us" ASC NULLS FIRST, "sequence" ASC NULLS FIRST, "x0" ASC NULLS FIRST), 0) AS VARCHAR) AS "x0_oldest", COUNT("x1") AS "x1_count"
FROM (
  SELECT *, us - 1712059200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1, 1711670400000000) AS j
  FROM (
    SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN "f"."tariff" END AS "x0", CASE WHEN ("f"."kwh" > CAST(0 AS DOUBLE)) THEN 1 END AS "x1"
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712275200000000, 6) AS TIMESTAMP_NTZ(6))) v) g
GROUP BY e, j;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."score" END AS "scores__score", CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."segment" END AS "scores__segment", "l0".label AS "tariff"
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
          JOIN "martlet_1_e0" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) o ON o.e = m.e AND o.place = m.best) base) known) "v0" ON "v0".spine_row = "k".spine_row
LEFT JOIN (
  SELECT k.spine_row AS spine_row, CASE WHEN k.us + 172800000000 <= 1712188800000000 THEN CASE WHEN CASE WHEN v.e IS NULL THEN 0 ELSE v.value__1 END = 0 THEN 'none' ELSE CAST(v.value AS VARCHAR) END END AS label
  FROM "martlet_1_keyed" k
  LEFT JOIN (
    SELECT a.e AS e, a.t AS t, "x0_oldest_w172800000000_s0" AS "value", "x1_count_over172800000000_0" AS "value__1"
    FROM (
      SELECT a.*, (COALESCE("x1_count_at0", 0) - COALESCE("x1_count_at172800000000", 0)) AS "x1_count_over172800000000_0"
      FROM (
        SELECT b.*
        FROM (
          SELECT *, (j * 1) AS t
          FROM (
            SELECT e, CAST((z - MOD(MOD(z, 2) + 2, 2)) / 2 AS NUMBER(19, 0)) + edge AS j, MAX(CASE WHEN edge = 0 THEN "x0_oldest_w172800000000_s0" END) AS "x0_oldest_w172800000000_s0", MAX(CASE WHEN edge = 0 THEN "x1_count_at0" END) AS "x1_count_at0", MAX(CASE WHEN edge = 172800000000 THEN "x1_count_at172800000000" END) AS "x1_count_at172800000000"
            FROM (
              SELECT e, z, edge, SUM(present) OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, FIRST_VALUE("x0_oldest") IGNORE NULLS OVER (PARTITION BY e ORDER BY z RANGE BETWEEN 345599999999 PRECEDING AND CURRENT ROW) AS "x0_oldest_w172800000000_s0", SUM("x1_count") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_count_at0", SUM("x1_count") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_count_at172800000000"
              FROM (
                SELECT e, 2 * j AS z, CAST(NULL AS NUMBER(19, 0)) AS edge, 1 AS present, "x0_oldest", "x1_count"
                FROM (
                  SELECT *
                  FROM "martlet_2_tile") tiles
                UNION ALL
                SELECT p.e, 2 * (p.j - o.edge) + 1, o.edge, 0, NULL, NULL
                FROM (
                  SELECT DISTINCT e, j
                  FROM "martlet_2_point") p
                CROSS JOIN (
                  SELECT CAST(0 AS NUMBER(19, 0)) AS edge
                  UNION ALL
                  SELECT CAST(172800000000 AS NUMBER(19, 0)) AS edge) o) u) m
            WHERE edge IS NOT NULL
            GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) rows_) b
        JOIN "martlet_2_point" p ON p.e = b.e AND p.j = b.j) a) a) v ON v.e = k."e0" AND v.t = k.us + 172800000000) "l0" ON "l0".spine_row = k.spine_row;
