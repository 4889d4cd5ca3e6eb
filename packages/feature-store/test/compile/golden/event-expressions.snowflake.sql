CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_units", "h"."x1_sum", "h"."x2_newest", "h"."x0_counted"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, SUM("x0_units") AS "x0_units", SUM("x1") AS "x1_sum", CAST(GET(ARRAY_AGG("x2") WITHIN GROUP (ORDER BY "us" DESC NULLS LAST, "sequence" DESC NULLS LAST, "x2" DESC NULLS LAST), 0) AS VARCHAR) AS "x2_newest", SUM("x0_counted") AS "x0_counted"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19803) AS j
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT "f"."key__0", "f"."key__1", DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."bill" AS "x0", CASE WHEN ("f"."bill" > CAST(0 AS DOUBLE)) THEN "f"."computed__2726d086b7777a96" END AS "x1", "f"."computed__ca0123a8c3297dc7" AS "x2"
        FROM (
          SELECT s.*, (CASE WHEN ("s"."twice" > CAST(9 AS NUMBER(19, 0))) THEN CAST('high' AS VARCHAR) ELSE "s"."tariff" END) AS "computed__ca0123a8c3297dc7"
          FROM (
            SELECT s.*, CASE WHEN CAST(("s"."kwh" * CAST("s"."cost" AS DOUBLE)) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(("s"."kwh" * CAST("s"."cost" AS DOUBLE)) AS DOUBLE) END AS "bill", CAST(NULLIF(NULLIF(LEAST_IGNORE_NULLS(GREATEST_IGNORE_NULLS(CAST("s"."reads" AS NUMBER(38, 0)) * CAST("s"."reads" AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), -9223372036854775809), 9223372036854775808) AS NUMBER(19, 0)) AS "computed__2726d086b7777a96", CAST(NULLIF(NULLIF(LEAST_IGNORE_NULLS(GREATEST_IGNORE_NULLS(CAST("s"."reads" AS NUMBER(38, 0)) * CAST(CAST(2 AS NUMBER(19, 0)) AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), -9223372036854775809), 9223372036854775808) AS NUMBER(19, 0)) AS "twice"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") s) s) f
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_fast" AS
SELECT a.e AS e, a.t AS t, "x0_total_over7_0" AS "bill_7d", "x1_sum_over7_0" AS "reads_7d", "x2_newest_at0" AS "grade", COALESCE(("x0_rough_over7_0"), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x0_units_over7_0" AS DOUBLE) / 1152921504606846976) AS "x0_total_over7_0", ("x0_counted_over7_0" >= 2147483648 AND ("x0_counted_over7_0" >= 140737488355328 OR ABS(CAST("x0_units_over7_0" AS DOUBLE)) < CAST("x0_counted_over7_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over7_0"
  FROM (
    SELECT a.*, (COALESCE("x0_units_at0", 0) - COALESCE("x0_units_at7", 0)) AS "x0_units_over7_0", (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at7", 0)) AS "x1_sum_over7_0", (COALESCE("x0_counted_at0", 0) - COALESCE("x0_counted_at7", 0)) AS "x0_counted_over7_0"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, "x0_units_run" AS "x0_units_at0", LAG("x0_units_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_units_at7", "x1_sum_run" AS "x1_sum_at0", LAG("x1_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_sum_at7", "x2_newest_run" AS "x2_newest_at0", "x0_counted_run" AS "x0_counted_at0", LAG("x0_counted_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_counted_at7"
          FROM (
            SELECT r.e AS e, s.j AS j, "r"."x0_units_run" AS "x0_units_run", "r"."x1_sum_run" AS "x1_sum_run", "r"."x2_newest_run" AS "x2_newest_run", "r"."x0_counted_run" AS "x0_counted_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_units") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_units_run", SUM("x1_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_sum_run", LAST_VALUE("x2_newest") IGNORE NULLS OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x2_newest_run", SUM("x0_counted") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_counted_run"
              FROM (
                SELECT *
                FROM "martlet_1_tile") tiles) r, LATERAL (
              SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
              FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
        WHERE j >= 19810) rows_) a) a) a;

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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS NUMBER(19, 0)) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 302400000000) + 302400000000, 302400000000)) / 302400000000 AS NUMBER(19, 0)) - backs.back AS stretch
        FROM "martlet_1_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(1 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
      JOIN (
        SELECT v.*, CAST((v.us - MOD(MOD(v.us, 302400000000) + 302400000000, 302400000000)) / 302400000000 AS NUMBER(19, 0)) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."bill" AS "x0"
            FROM (
              SELECT s.*, CASE WHEN CAST(("s"."kwh" * CAST("s"."cost" AS DOUBLE)) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(("s"."kwh" * CAST("s"."cost" AS DOUBLE)) AS DOUBLE) END AS "bill"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") s) f
            JOIN "martlet_1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
        WHERE v.us >= 1710979200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000
      CROSS JOIN (
        SELECT CAST(0 AS NUMBER(19, 0)) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "bill_7d"
FROM "martlet_1_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN CAST("careful_sum" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0"
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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."bill_7d", "v"."reads_7d", "v"."grade"
FROM (
  SELECT e, t, CAST("bill_7d" AS DOUBLE) AS "bill_7d", CASE WHEN "reads_7d" >= -9223372036854775808 AND "reads_7d" <= 9223372036854775807 THEN CAST("reads_7d" AS NUMBER(19, 0)) END AS "reads_7d", CAST("grade" AS VARCHAR) AS "grade"
  FROM (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."bill_7d" ELSE f."bill_7d" END AS "bill_7d", f."reads_7d" AS "reads_7d", f."grade" AS "grade"
    FROM "martlet_1_fast" f
    LEFT JOIN "martlet_1_again" c ON c.e = f.e AND c.t = f.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
