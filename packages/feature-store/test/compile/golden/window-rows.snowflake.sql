CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_count"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, COUNT("x0") AS "x0_count"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19810) AS j
    FROM (
      SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, 1 AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_rows0" AS
SELECT e, us, ROW_NUMBER() OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST) AS ordinal, (CAST(CAST(COALESCE((CAST(SUM("x_units") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS DOUBLE) / 1152921504606846976), 0) AS DOUBLE) AS DOUBLE) / NULLIF(CAST((CASE WHEN COALESCE(SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW), 0) < 2147483648 THEN COALESCE(SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW), 0) ELSE COALESCE(SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW), 0) % 2147483648 END) AS DOUBLE), 0)) AS "f0", COALESCE(((SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) >= 2147483648 AND (SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) >= 140737488355328 OR ABS(CAST(COALESCE(SUM("x_units") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW), 0) AS DOUBLE)) < CAST(SUM("x_counted") OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x" NULLS FIRST ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS DOUBLE) / 2147483648 * 10000000000))), FALSE) AS "f0_doubt"
FROM (
  SELECT *, us - 1711843200000000 AS tau
  FROM (
    SELECT x.*, CASE WHEN ABS("x") < 274877906944 AND ("x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) OR ABS("x") >= CAST(1 AS DOUBLE) / 134217728) THEN "x" END AS "x_fit", CAST(CASE WHEN ABS("x") < 274877906944 AND ("x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) OR ABS("x") >= CAST(1 AS DOUBLE) / 134217728) THEN "x" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x_units", CASE WHEN ABS("x") < 274877906944 AND "x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) THEN 1 WHEN ABS("x") < 274877906944 AND ABS("x") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x" IS NOT NULL THEN 140737488355329 END AS "x_counted"
    FROM (
      SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, 1 AS "passes", "f"."kwh" AS "x"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
  WHERE passes IS NOT NULL) k;

CREATE TEMPORARY TABLE "martlet_1_fast" AS
SELECT a.e AS e, a.t AS t, "rows0"."f0" AS "recent_last10", COALESCE(("rows0"."f0_doubt"), FALSE) AS "row__doubt"
FROM (
  SELECT *, (j * 86400000000) AS t
  FROM (
    SELECT *
    FROM (
      SELECT e, j, "x0_count_run" AS "x0_count_at0"
      FROM (
        SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run"
        FROM (
          SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run"
          FROM (
            SELECT *
            FROM "martlet_1_tile") tiles) r, LATERAL (
          SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
          FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
    WHERE j >= 19810) rows_) a
LEFT JOIN (
  SELECT *
  FROM (
    SELECT e, j, "ordinal_run" AS "place"
    FROM (
      SELECT r.e AS e, s.j AS j, "r"."ordinal_run" AS "ordinal_run"
      FROM (
        SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, MAX("ordinal") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "ordinal_run"
        FROM (
          SELECT e, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19810) AS j, MAX(ordinal) AS ordinal
          FROM "martlet_1_rows0"
          GROUP BY 1, 2) tiles) r, LATERAL (
        SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
        FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
  WHERE j >= 19810) "rows0_at" ON "rows0_at".e = a.e AND "rows0_at".j = a.j
LEFT JOIN "martlet_1_rows0" "rows0" ON "rows0"."e" = a.e AND "rows0"."ordinal" = "rows0_at".place;

CREATE TEMPORARY TABLE "martlet_1_doubt_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM "martlet_1_fast"
WHERE "row__doubt";

CREATE TEMPORARY TABLE "martlet_1_doubt_entity" AS
SELECT n.*
FROM "martlet_1_entity" n
WHERE n.e IN (
  SELECT e
  FROM "martlet_1_doubt_point");

CREATE TEMPORARY TABLE "martlet_1_doubt_values" AS
SELECT e, t, k, n, x_unit, y_unit, x / x_unit AS x, y / y_unit AS y
FROM (
  SELECT r.*, COUNT(*) OVER (PARTITION BY e, t, k) AS n, CASE WHEN MAX(ABS(x)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS x_unit, CASE WHEN MAX(ABS(y)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS y_unit
  FROM (
    SELECT *
    FROM (
      SELECT p.e AS e, p.t AS t, 0 AS k, CAST(v.x AS DOUBLE) AS x, CAST(NULL AS DOUBLE) AS y, CAST(NULL AS NUMBER(19, 0)) AS us
      FROM "martlet_1_doubt_point" p
      JOIN (
        SELECT p.e AS e, p.t AS t, v.us AS us, v.sequence AS sequence, "v"."x" AS "x", "v"."x_fit" AS "x_fit", "v"."x_units" AS "x_units", "v"."x_counted" AS "x_counted", ROW_NUMBER() OVER (PARTITION BY p.e, p.t ORDER BY v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, v.x DESC NULLS LAST) AS back
        FROM "martlet_1_doubt_point" p
        JOIN (
          SELECT x.*, CASE WHEN ABS("x") < 274877906944 AND ("x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) OR ABS("x") >= CAST(1 AS DOUBLE) / 134217728) THEN "x" END AS "x_fit", CAST(CASE WHEN ABS("x") < 274877906944 AND ("x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) OR ABS("x") >= CAST(1 AS DOUBLE) / 134217728) THEN "x" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x_units", CASE WHEN ABS("x") < 274877906944 AND "x" * 1152921504606846976 = FLOOR("x" * 1152921504606846976) THEN 1 WHEN ABS("x") < 274877906944 AND ABS("x") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x" IS NOT NULL THEN 140737488355329 END AS "x_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, "f"."seq" AS sequence, 1 AS "passes", "f"."kwh" AS "x"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v ON v.e = p.e AND v.us < p.t
        WHERE v.passes IS NOT NULL) v ON v.e = p.e AND v.t = p.t AND v.back <= 10) ranked
    WHERE x IS NOT NULL) r) sized;

CREATE TEMPORARY TABLE "martlet_1_doubt_sums" AS
SELECT e, t, k, n, x_unit, y_unit, SUM("part0") + SUM("part1") + SUM("part2") + SUM("part3") + SUM("part4") + SUM("rest5") AS total, MIN(x) AS least_x, MAX(x) AS greatest_x, MIN(y) AS least_y, MAX(y) AS greatest_y, AVG(y) AS mean_y
FROM (
  SELECT "e", "t", "k", "n", "x_unit", "y_unit", "x", "y", "part0", "part1", "part2", "part3", ((above + "rest4") - above) AS "part4", "rest4" - ((above + "rest4") - above) AS "rest5"
  FROM (
    SELECT r.*, CASE WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), FLOOR(LN(largest) / LN(CAST(2 AS DOUBLE))) + FLOOR(LN(n + 2) / LN(CAST(2 AS DOUBLE))) + 3) ELSE CAST(0 AS DOUBLE) END AS above
    FROM (
      SELECT r.*, MAX(ABS("rest4")) OVER (PARTITION BY e, t, k) AS largest
      FROM (
        SELECT "e", "t", "k", "n", "x_unit", "y_unit", "x", "y", "part0", "part1", "part2", ((above + "rest3") - above) AS "part3", "rest3" - ((above + "rest3") - above) AS "rest4"
        FROM (
          SELECT r.*, CASE WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), FLOOR(LN(largest) / LN(CAST(2 AS DOUBLE))) + FLOOR(LN(n + 2) / LN(CAST(2 AS DOUBLE))) + 3) ELSE CAST(0 AS DOUBLE) END AS above
          FROM (
            SELECT r.*, MAX(ABS("rest3")) OVER (PARTITION BY e, t, k) AS largest
            FROM (
              SELECT "e", "t", "k", "n", "x_unit", "y_unit", "x", "y", "part0", "part1", ((above + "rest2") - above) AS "part2", "rest2" - ((above + "rest2") - above) AS "rest3"
              FROM (
                SELECT r.*, CASE WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), FLOOR(LN(largest) / LN(CAST(2 AS DOUBLE))) + FLOOR(LN(n + 2) / LN(CAST(2 AS DOUBLE))) + 3) ELSE CAST(0 AS DOUBLE) END AS above
                FROM (
                  SELECT r.*, MAX(ABS("rest2")) OVER (PARTITION BY e, t, k) AS largest
                  FROM (
                    SELECT "e", "t", "k", "n", "x_unit", "y_unit", "x", "y", "part0", ((above + "rest1") - above) AS "part1", "rest1" - ((above + "rest1") - above) AS "rest2"
                    FROM (
                      SELECT r.*, CASE WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), FLOOR(LN(largest) / LN(CAST(2 AS DOUBLE))) + FLOOR(LN(n + 2) / LN(CAST(2 AS DOUBLE))) + 3) ELSE CAST(0 AS DOUBLE) END AS above
                      FROM (
                        SELECT r.*, MAX(ABS("rest1")) OVER (PARTITION BY e, t, k) AS largest
                        FROM (
                          SELECT "e", "t", "k", "n", "x_unit", "y_unit", "x", "y", ((above + "rest0") - above) AS "part0", "rest0" - ((above + "rest0") - above) AS "rest1"
                          FROM (
                            SELECT r.*, CASE WHEN largest > 0 THEN POWER(CAST(2 AS DOUBLE), FLOOR(LN(largest) / LN(CAST(2 AS DOUBLE))) + FLOOR(LN(n + 2) / LN(CAST(2 AS DOUBLE))) + 3) ELSE CAST(0 AS DOUBLE) END AS above
                            FROM (
                              SELECT r.*, MAX(ABS("rest0")) OVER (PARTITION BY e, t, k) AS largest
                              FROM (
                                SELECT scaled.*, x AS rest0
                                FROM "martlet_1_doubt_values" scaled) r) r) r) r) r) r) r) r) r) r) r) r) r) r) r) split
GROUP BY e, t, k, n, x_unit, y_unit;

CREATE TEMPORARY TABLE "martlet_1_again" AS
SELECT p.e AS e, p.t AS t, CASE WHEN CAST("s"."part_0" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("s"."part_0" AS DOUBLE) END AS "recent_last10"
FROM "martlet_1_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN CAST(("careful_sum" / "careful_count") AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(("careful_sum" / "careful_count") AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0"
  FROM (
    SELECT e, t, k, CAST(n AS DOUBLE) AS "careful_count", CAST(total * x_unit AS DOUBLE) AS "careful_sum", CAST(reach_x * x_unit AS DOUBLE) AS "careful_reach", CAST(SUM(a * a) - SUM(a) * SUM(a) / n AS DOUBLE) AS "careful_spread", CAST(reach_y * y_unit AS DOUBLE) AS "careful_otherreach", CAST(SUM(b * b) - SUM(b) * SUM(b) / n AS DOUBLE) AS "careful_otherspread", CAST(SUM(a * b) - SUM(a) * SUM(b) / n AS DOUBLE) AS "careful_products"
    FROM (
      SELECT reached.*, dx / NULLIF(reach_x, 0) AS a, dy / NULLIF(reach_y, 0) AS b
      FROM (
        SELECT away.*, CASE WHEN least_x < greatest_x THEN MAX(ABS(dx)) OVER (PARTITION BY e, t, k) ELSE 0 END AS reach_x, CASE WHEN least_y < greatest_y THEN MAX(ABS(dy)) OVER (PARTITION BY e, t, k) ELSE 0 END AS reach_y
        FROM (
          SELECT s.*, r.x - s.total / s.n AS dx, r.y - s.mean_y AS dy
          FROM "martlet_1_doubt_sums" s
          JOIN "martlet_1_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."recent_last10"
FROM (
  SELECT e, t, CAST("recent_last10" AS DOUBLE) AS "recent_last10"
  FROM (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."recent_last10" ELSE f."recent_last10" END AS "recent_last10"
    FROM "martlet_1_fast" f
    LEFT JOIN "martlet_1_again" c ON c.e = f.e AND c.t = f.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
