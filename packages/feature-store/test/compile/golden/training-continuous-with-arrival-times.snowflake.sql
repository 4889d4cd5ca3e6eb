CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", CAST(("s"."spine__us" - 0 - MOD(MOD("s"."spine__us" - 0, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) * 1 AS "t0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) AS j
FROM (
  SELECT DISTINCT "e0" AS e, "t0" AS t
  FROM "martlet_1_keyed") d;

CREATE TEMPORARY TABLE "martlet_2_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count", SUM("x1_units") AS "x1_units", SUM("x1_counted") AS "x1_counted"
FROM (
  SELECT v.*, edges.edge AS edge, GREATEST_IGNORE_NULLS(CASE WHEN edges.edge = 300000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 5000000) + 5000000, 5000000)) / 5000000 AS NUMBER(19, 0)) + 1) * 5000000 + edges.edge WHEN edges.edge = 3600000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 60000000) + 60000000, 60000000)) / 60000000 AS NUMBER(19, 0)) + 1) * 60000000 + edges.edge ELSE v.own_j + edges.edge END, v.arrived_j, 1711670400000000) AS j
  FROM (
    SELECT v.*, us - 1711886400000000 AS tau, CAST((us - MOD(MOD(us, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1 AS own_j, CAST((known - 0 - 1 - MOD(MOD(known - 0 - 1, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1 AS arrived_j
    FROM (
      SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", DATE_PART(EPOCH_MICROSECOND, "f"."loaded_at") AS known
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
    WHERE known IS NOT NULL) v
  CROSS JOIN (
    SELECT CAST(0 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(3600000000 AS NUMBER(19, 0)) AS edge) edges) entered
WHERE j <= 1712102400000000
GROUP BY e, edge, j;

CREATE TEMPORARY TABLE "martlet_2_fast" AS
SELECT l.e AS e, l.t AS t, "l"."n_5m" AS "n_5m", "l"."n_1h" AS "n_1h", "m0"."least_1h" AS "least_1h", "l"."kwh" AS "kwh", COALESCE(("l"."row__doubt"), FALSE) AS "row__doubt"
FROM (
  SELECT e, t, "x0_count_over300000000_0" AS "n_5m", "x0_count_over3600000000_0" AS "n_1h", "x1_total_overall_0" AS "kwh", COALESCE(("x1_rough_overall_0"), FALSE) AS "row__doubt"
  FROM (
    SELECT a.*, (CAST("x1_units_overall_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_overall_0", ("x1_counted_overall_0" >= 2147483648 AND ("x1_counted_overall_0" >= 140737488355328 OR ABS(CAST("x1_units_overall_0" AS DOUBLE)) < CAST("x1_counted_overall_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_overall_0"
    FROM (
      SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at300000000", 0)) AS "x0_count_over300000000_0", (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at3600000000", 0)) AS "x0_count_over3600000000_0", COALESCE("x1_units_at0", 0) AS "x1_units_overall_0", COALESCE("x1_counted_at0", 0) AS "x1_counted_overall_0"
      FROM (
        SELECT *, (j * 1) AS t
        FROM (
          SELECT e, CAST((z - MOD(MOD(z, 2) + 2, 2)) / 2 AS NUMBER(19, 0)) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 300000000 THEN "x0_count" END) AS "x0_count_at300000000", MAX(CASE WHEN edge = 3600000000 THEN "x0_count" END) AS "x0_count_at3600000000", MAX(CASE WHEN edge = 0 THEN "x1_units" END) AS "x1_units_at0", MAX(CASE WHEN edge = 0 THEN "x1_counted" END) AS "x1_counted_at0"
          FROM (
            SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count", SUM("x1_units") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_units", SUM("x1_counted") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_counted"
            FROM (
              SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count", "x1_units" AS "x1_units", "x1_counted" AS "x1_counted"
              FROM (
                SELECT *
                FROM "martlet_2_log") logs
              UNION ALL
              SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL, NULL, NULL
              FROM "martlet_2_point" p
              CROSS JOIN (
                SELECT CAST(0 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(3600000000 AS NUMBER(19, 0)) AS edge) edges) u) m
          WHERE is_point
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) a) a) l
LEFT JOIN (
  SELECT p.e AS e, p.t AS t, MIN(CASE WHEN v.us >= CAST((p.t - 3600000000 - MOD(MOD(p.t - 3600000000, 60000000) + 60000000, 60000000)) / 60000000 AS NUMBER(19, 0)) * 60000000 THEN "v"."x0" END) AS "least_1h"
  FROM (
    SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 1830000000) + 1830000000, 1830000000)) / 1830000000 AS NUMBER(19, 0)) - backs.back AS stretch
    FROM "martlet_2_point" p
    CROSS JOIN (
      SELECT CAST(0 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(1 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
  JOIN (
    SELECT v.*, CAST((v.us - MOD(MOD(v.us, 1830000000) + 1830000000, 1830000000)) / 1830000000 AS NUMBER(19, 0)) AS stretch
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", DATE_PART(EPOCH_MICROSECOND, "f"."loaded_at") AS known
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
    WHERE v.us >= 1711666740000000 AND v.known IS NOT NULL) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 3660000000 AND v.known <= p.t + 0
  GROUP BY p.e, p.t) "m0" ON "m0"."e" = l.e AND "m0"."t" = l.t;

CREATE TEMPORARY TABLE "martlet_2_doubt_point" AS
SELECT e, t, CAST((t - MOD(MOD(t, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) AS j
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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST("v"."x0" AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS NUMBER(19, 0)) END AS "us"
      FROM "martlet_2_doubt_point" p
      JOIN (
        SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
        FROM (
          SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", DATE_PART(EPOCH_MICROSECOND, "f"."loaded_at") AS known
          FROM (
            SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
            FROM "mart"."usage") f
          JOIN "martlet_2_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
          WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v ON v.e = p.e AND v.us < p.t AND v.known <= p.t + 0
      CROSS JOIN (
        SELECT CAST(0 AS NUMBER(19, 0)) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh"
FROM "martlet_2_doubt_point" p
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
          FROM "martlet_2_doubt_sums" s
          JOIN "martlet_2_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_5m" AS "velocity__n_5m", "v0"."n_1h" AS "velocity__n_1h", "v0"."least_1h" AS "velocity__least_1h", "v0"."kwh" AS "velocity__kwh"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT e, t, CAST("n_5m" AS NUMBER(19, 0)) AS "n_5m", CAST("n_1h" AS NUMBER(19, 0)) AS "n_1h", CAST("least_1h" AS DOUBLE) AS "least_1h", CAST("kwh" AS DOUBLE) AS "kwh"
  FROM (
    SELECT f.e AS e, f.t AS t, f."n_5m" AS "n_5m", f."n_1h" AS "n_1h", f."least_1h" AS "least_1h", CASE WHEN f."row__doubt" THEN c."kwh" ELSE f."kwh" END AS "kwh"
    FROM "martlet_2_fast" f
    LEFT JOIN "martlet_2_again" c ON c.e = f.e AND c.t = f.t) base) "v0" ON "v0".e = "k"."e0" AND "v0".t = "k"."t0";
