CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS NUMBER(19, 0)) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, CAST((i.t - MOD(MOD(i.t, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

CREATE TEMPORARY TABLE "martlet_1_fast" AS
SELECT p.e AS e, p.t AS t, CASE WHEN w.e IS NULL THEN 0 ELSE "w"."kwh_month_to_date" END AS "kwh_month_to_date", CASE WHEN w.e IS NULL THEN 0 ELSE "w"."last_previous_week" END AS "last_previous_week", w."row__doubt" AS "row__doubt"
FROM "martlet_1_point" p
JOIN (
  SELECT v.e AS e, MIN(v.us + 1) AS since
  FROM (
    SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v
  GROUP BY v.e) s ON s.e = p.e AND s.since <= p.t
LEFT JOIN (
  SELECT p.e AS e, p.t AS t, COALESCE((CAST(SUM(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0_units" END) AS DOUBLE) / 1152921504606846976), 0) AS "kwh_month_to_date", COALESCE((CAST(SUM(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0_units" END) AS DOUBLE) / 1152921504606846976), 0) AS "last_previous_week", COALESCE(((SUM(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0_counted" END) >= 2147483648 AND (SUM(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0_counted" END) >= 140737488355328 OR ABS(CAST(COALESCE(SUM(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0_units" END), 0) AS DOUBLE)) < CAST(SUM(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0_counted" END) AS DOUBLE) / 2147483648 * 10000000000))) OR ((SUM(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0_counted" END) >= 2147483648 AND (SUM(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0_counted" END) >= 140737488355328 OR ABS(CAST(COALESCE(SUM(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0_units" END), 0) AS DOUBLE)) < CAST(SUM(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0_counted" END) AS DOUBLE) / 2147483648 * 10000000000))), FALSE) AS "row__doubt"
  FROM (
    SELECT p.e AS e, p.t AS t, "p"."month_0_back", "p"."week_1_back", "p"."week_0_back", CAST((p.t - MOD(MOD(p.t, 1339200000000) + 1339200000000, 1339200000000)) / 1339200000000 AS NUMBER(19, 0)) - backs.back AS stretch
    FROM (
      SELECT r.*, "c"."month_0_back", "c"."week_1_back", "c"."week_0_back"
      FROM "martlet_1_point" r
      ASOF JOIN (
        SELECT CAST("column_since" AS NUMBER(19, 0)) AS "since", CAST("column_month_0_back" AS NUMBER(19, 0)) AS "month_0_back", CAST("column_week_1_back" AS NUMBER(19, 0)) AS "week_1_back", CAST("column_week_0_back" AS NUMBER(19, 0)) AS "week_0_back"
        FROM (VALUES (1711324800000000, 1709251200000000, 1710720000000000, 1711324800000000), (1711929600000000, 1711929600000000, 1711324800000000, 1711929600000000)) AS steps("column_since", "column_month_0_back", "column_week_1_back", "column_week_0_back")) c MATCH_CONDITION (r.t >= c.since)) p
    CROSS JOIN (
      SELECT CAST(0 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(1 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
  JOIN (
    SELECT v.*, CAST((v.us - MOD(MOD(v.us, 1339200000000) + 1339200000000, 1339200000000)) / 1339200000000 AS NUMBER(19, 0)) AS stretch
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
    WHERE v.us >= 1708905600000001) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 2678399999999
  GROUP BY p.e, p.t) w ON w.e = p.e AND w.t = p.t;

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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= "p"."month_0_back" THEN "v"."x0" END AS DOUBLE) WHEN k.k = 1 THEN CAST(CASE WHEN v.us >= "p"."week_1_back" AND v.us < "p"."week_0_back" THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) WHEN k.k = 1 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS NUMBER(19, 0)) WHEN k.k = 1 THEN CAST(NULL AS NUMBER(19, 0)) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, "p"."month_0_back", "p"."week_1_back", "p"."week_0_back", CAST((p.t - MOD(MOD(p.t, 1339200000000) + 1339200000000, 1339200000000)) / 1339200000000 AS NUMBER(19, 0)) - backs.back AS stretch
        FROM (
          SELECT r.*, "c"."month_0_back", "c"."week_1_back", "c"."week_0_back"
          FROM "martlet_1_doubt_point" r
          ASOF JOIN (
            SELECT CAST("column_since" AS NUMBER(19, 0)) AS "since", CAST("column_month_0_back" AS NUMBER(19, 0)) AS "month_0_back", CAST("column_week_1_back" AS NUMBER(19, 0)) AS "week_1_back", CAST("column_week_0_back" AS NUMBER(19, 0)) AS "week_0_back"
            FROM (VALUES (1711324800000000, 1709251200000000, 1710720000000000, 1711324800000000), (1711929600000000, 1711929600000000, 1711324800000000, 1711929600000000)) AS steps("column_since", "column_month_0_back", "column_week_1_back", "column_week_0_back")) c MATCH_CONDITION (r.t >= c.since)) p
        CROSS JOIN (
          SELECT CAST(0 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(1 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
      JOIN (
        SELECT v.*, CAST((v.us - MOD(MOD(v.us, 1339200000000) + 1339200000000, 1339200000000)) / 1339200000000 AS NUMBER(19, 0)) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
        WHERE v.us >= 1708905600000001) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 2678399999999
      CROSS JOIN (
        SELECT CAST(0 AS NUMBER(19, 0)) AS k
        UNION ALL
        SELECT CAST(1 AS NUMBER(19, 0)) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_month_to_date", CASE WHEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) END AS "last_previous_week"
FROM "martlet_1_doubt_point" p
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
          FROM "martlet_1_doubt_sums" s
          JOIN "martlet_1_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", CAST(TO_TIMESTAMP_NTZ(CAST(v.t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6)) AS feature_time, "v"."kwh_month_to_date", "v"."last_previous_week"
FROM (
  SELECT e, t, CAST("kwh_month_to_date" AS DOUBLE) AS "kwh_month_to_date", CAST("last_previous_week" AS DOUBLE) AS "last_previous_week"
  FROM (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."kwh_month_to_date" ELSE f."kwh_month_to_date" END AS "kwh_month_to_date", CASE WHEN f."row__doubt" THEN c."last_previous_week" ELSE f."last_previous_week" END AS "last_previous_week"
    FROM "martlet_1_fast" f
    LEFT JOIN "martlet_1_again" c ON c.e = f.e AND c.t = f.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
