CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", CAST(("s"."spine__us" - 0 - MOD(MOD("s"."spine__us" - 0, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) * 86400000000 AS "t0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM (
  SELECT DISTINCT "e0" AS e, "t0" AS t
  FROM "martlet_1_keyed") d;

CREATE TEMPORARY TABLE "martlet_2_tile" AS
SELECT e, j, COUNT("x0") AS "x0_count", SUM("x1_units") AS "x1_units", SUM("x2") AS "x2_sum", SUM("x3") AS "x3_sum", SUM("x1_counted") AS "x1_counted"
FROM (
  SELECT *, us - 1711886400000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19783) AS j
  FROM (
    SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
    FROM (
      SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", "f"."reads" AS "x2", "f"."cost" AS "x3"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v) g
GROUP BY e, j;

CREATE TEMPORARY TABLE "martlet_2_fast" AS
SELECT a.e AS e, a.t AS t, "x0_count_over7_0" AS "n_7d", "x1_total_over1_0" AS "kwh_1d", "x1_total_over28_0" AS "kwh_28d", "x2_sum_over7_0" AS "reads_7d", "x3_sum_over7_0" AS "cost_7d", COALESCE(("x1_rough_over1_0") OR ("x1_rough_over28_0"), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x1_units_over1_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_over1_0", (CAST("x1_units_over28_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_over28_0", ("x1_counted_over1_0" >= 2147483648 AND ("x1_counted_over1_0" >= 140737488355328 OR ABS(CAST("x1_units_over1_0" AS DOUBLE)) < CAST("x1_counted_over1_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_over1_0", ("x1_counted_over28_0" >= 2147483648 AND ("x1_counted_over28_0" >= 140737488355328 OR ABS(CAST("x1_units_over28_0" AS DOUBLE)) < CAST("x1_counted_over28_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_over28_0"
  FROM (
    SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at7", 0)) AS "x0_count_over7_0", (COALESCE("x1_units_at0", 0) - COALESCE("x1_units_at1", 0)) AS "x1_units_over1_0", (COALESCE("x1_units_at0", 0) - COALESCE("x1_units_at28", 0)) AS "x1_units_over28_0", (COALESCE("x2_sum_at0", 0) - COALESCE("x2_sum_at7", 0)) AS "x2_sum_over7_0", (COALESCE("x3_sum_at0", 0) - COALESCE("x3_sum_at7", 0)) AS "x3_sum_over7_0", (COALESCE("x1_counted_at0", 0) - COALESCE("x1_counted_at1", 0)) AS "x1_counted_over1_0", (COALESCE("x1_counted_at0", 0) - COALESCE("x1_counted_at28", 0)) AS "x1_counted_over28_0"
    FROM (
      SELECT b.*
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT *
          FROM (
            SELECT e, j, "x0_count_run" AS "x0_count_at0", LAG("x0_count_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_count_at7", "x1_units_run" AS "x1_units_at0", LAG("x1_units_run", 1) OVER (PARTITION BY e ORDER BY j) AS "x1_units_at1", LAG("x1_units_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x1_units_at28", "x2_sum_run" AS "x2_sum_at0", LAG("x2_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x2_sum_at7", "x3_sum_run" AS "x3_sum_at0", LAG("x3_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x3_sum_at7", "x1_counted_run" AS "x1_counted_at0", LAG("x1_counted_run", 1) OVER (PARTITION BY e ORDER BY j) AS "x1_counted_at1", LAG("x1_counted_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x1_counted_at28"
            FROM (
              SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run", "r"."x1_units_run" AS "x1_units_run", "r"."x2_sum_run" AS "x2_sum_run", "r"."x3_sum_run" AS "x3_sum_run", "r"."x1_counted_run" AS "x1_counted_run"
              FROM (
                SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run", SUM("x1_units") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_units_run", SUM("x2_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x2_sum_run", SUM("x3_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x3_sum_run", SUM("x1_counted") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_counted_run"
                FROM (
                  SELECT *
                  FROM "martlet_2_tile") tiles) r, LATERAL (
                SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
                FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
          WHERE j >= 19811) rows_) b
      JOIN "martlet_2_point" p ON p.e = b.e AND p.j = b.j) a) a) a;

CREATE TEMPORARY TABLE "martlet_2_doubt_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM "martlet_2_fast"
WHERE "row__doubt";

CREATE TEMPORARY TABLE "martlet_2_doubt_entity" AS
SELECT n.*
FROM "martlet_1_e0" n
WHERE n.e IN (
  SELECT e
  FROM "martlet_2_doubt_point");

CREATE TEMPORARY TABLE "martlet_2_doubt_values" AS
SELECT e, t, k, n, x_unit, y_unit, x / x_unit AS x, y / y_unit AS y
FROM (
  SELECT r.*, COUNT(*) OVER (PARTITION BY e, t, k) AS n, CASE WHEN MAX(ABS(x)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS x_unit, CASE WHEN MAX(ABS(y)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS y_unit
  FROM (
    SELECT *
    FROM (
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 86400000000 THEN "v"."x0" END AS DOUBLE) WHEN k.k = 1 THEN CAST(CASE WHEN v.us >= p.t - 2419200000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) WHEN k.k = 1 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS NUMBER(19, 0)) WHEN k.k = 1 THEN CAST(NULL AS NUMBER(19, 0)) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 1209600000000) + 1209600000000, 1209600000000)) / 1209600000000 AS NUMBER(19, 0)) - backs.back AS stretch
        FROM "martlet_2_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(1 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
      JOIN (
        SELECT v.*, CAST((v.us - MOD(MOD(v.us, 1209600000000) + 1209600000000, 1209600000000)) / 1209600000000 AS NUMBER(19, 0)) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_2_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
        WHERE v.us >= 1709251200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 2419200000000
      CROSS JOIN (
        SELECT CAST(0 AS NUMBER(19, 0)) AS k
        UNION ALL
        SELECT CAST(1 AS NUMBER(19, 0)) AS k) k) pairs
    WHERE x IS NOT NULL) r) sized;

CREATE TEMPORARY TABLE "martlet_2_doubt_sums" AS
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
                                FROM "martlet_2_doubt_values" scaled) r) r) r) r) r) r) r) r) r) r) r) r) r) r) r) split
GROUP BY e, t, k, n, x_unit, y_unit;

CREATE TEMPORARY TABLE "martlet_2_again" AS
SELECT p.e AS e, p.t AS t, CASE WHEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_1d", CASE WHEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) END AS "kwh_28d"
FROM "martlet_2_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN CAST("careful_sum" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 1 THEN CASE WHEN CAST("careful_sum" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_1", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0", MAX(CASE WHEN k = 1 THEN "careful_count" END) AS "count_1"
  FROM (
    SELECT e, t, k, CAST(n AS DOUBLE) AS "careful_count", CAST(total * x_unit AS DOUBLE) AS "careful_sum", CAST(reach_x * x_unit AS DOUBLE) AS "careful_reach", CAST(SUM(a * a) - SUM(a) * SUM(a) / n AS DOUBLE) AS "careful_spread", CAST(reach_y * y_unit AS DOUBLE) AS "careful_otherreach", CAST(SUM(b * b) - SUM(b) * SUM(b) / n AS DOUBLE) AS "careful_otherspread", CAST(SUM(a * b) - SUM(a) * SUM(b) / n AS DOUBLE) AS "careful_products"
    FROM (
      SELECT reached.*, dx / NULLIF(reach_x, 0) AS a, dy / NULLIF(reach_y, 0) AS b
      FROM (
        SELECT away.*, CASE WHEN least_x < greatest_x THEN MAX(ABS(dx)) OVER (PARTITION BY e, t, k) ELSE 0 END AS reach_x, CASE WHEN least_y < greatest_y THEN MAX(ABS(dy)) OVER (PARTITION BY e, t, k) ELSE 0 END AS reach_y
        FROM (
          SELECT s.*, r.x - s.total / s.n AS dx, r.y - s.mean_y AS dy
          FROM "martlet_2_doubt_sums" s
          JOIN "martlet_2_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_7d" AS "golden__n_7d", "v0"."kwh_1d" AS "golden__kwh_1d", "v0"."kwh_28d" AS "golden__kwh_28d", "v0"."reads_7d" AS "golden__reads_7d", "v0"."cost_7d" AS "golden__cost_7d"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT e, t, CAST("n_7d" AS NUMBER(19, 0)) AS "n_7d", CAST("kwh_1d" AS DOUBLE) AS "kwh_1d", CAST("kwh_28d" AS DOUBLE) AS "kwh_28d", CASE WHEN "reads_7d" >= -9223372036854775808 AND "reads_7d" <= 9223372036854775807 THEN CAST("reads_7d" AS NUMBER(19, 0)) END AS "reads_7d", CAST("cost_7d" AS NUMBER(38, 2)) AS "cost_7d"
  FROM (
    SELECT f.e AS e, f.t AS t, f."n_7d" AS "n_7d", CASE WHEN f."row__doubt" THEN c."kwh_1d" ELSE f."kwh_1d" END AS "kwh_1d", CASE WHEN f."row__doubt" THEN c."kwh_28d" ELSE f."kwh_28d" END AS "kwh_28d", f."reads_7d" AS "reads_7d", f."cost_7d" AS "cost_7d"
    FROM "martlet_2_fast" f
    LEFT JOIN "martlet_2_again" c ON c.e = f.e AND c.t = f.t) base) "v0" ON "v0".e = "k"."e0" AND "v0".t = "k"."t0";
