CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

CREATE TEMPORARY TABLE "martlet_1_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count", SUM("x1_units") AS "x1_units", SUM("x1_counted") AS "x1_counted"
FROM (
  SELECT v.*, edges.edge AS edge, greatest(v.own_j + edges.edge, v.arrived_j, 19810) AS j
  FROM (
    SELECT v.*, us - 1711843200000000 AS tau, (CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1 AS own_j, (CAST(known - 21600000000 - 1 AS BIGINT) // 86400000000 - CASE WHEN CAST(known - 21600000000 - 1 AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1 AS arrived_j
    FROM (
      SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS HUGEINT) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", epoch_us("f"."loaded_at") AS known
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
    WHERE known IS NOT NULL) v
  CROSS JOIN (
    SELECT CAST(0 AS BIGINT) AS edge
    UNION ALL
    SELECT CAST(7 AS BIGINT) AS edge) edges) entered
WHERE j <= 19816
GROUP BY e, edge, j;

CREATE TEMPORARY TABLE "martlet_1_fast" AS
SELECT l.e AS e, l.t AS t, "l"."kwh_7d" AS "kwh_7d", "m0"."peak_7d" AS "peak_7d", CASE WHEN "m0"."e" IS NULL THEN 0 ELSE "m0"."tariffs_7d" END AS "tariffs_7d", COALESCE(("l"."row__doubt"), FALSE) AS "row__doubt"
FROM (
  SELECT e, t, "x1_total_over7_0" AS "kwh_7d", COALESCE(("x1_rough_over7_0"), FALSE) AS "row__doubt"
  FROM (
    SELECT a.*, (CAST("x1_units_over7_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_over7_0", ("x1_counted_over7_0" >= 2147483648 AND ("x1_counted_over7_0" >= 140737488355328 OR ABS(CAST("x1_units_over7_0" AS DOUBLE)) < CAST("x1_counted_over7_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_over7_0"
    FROM (
      SELECT a.*, (COALESCE("x1_units_at0", 0) - COALESCE("x1_units_at7", 0)) AS "x1_units_over7_0", (COALESCE("x1_counted_at0", 0) - COALESCE("x1_counted_at7", 0)) AS "x1_counted_over7_0"
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 0 THEN "x1_units" END) AS "x1_units_at0", MAX(CASE WHEN edge = 7 THEN "x1_units" END) AS "x1_units_at7", MAX(CASE WHEN edge = 0 THEN "x1_counted" END) AS "x1_counted_at0", MAX(CASE WHEN edge = 7 THEN "x1_counted" END) AS "x1_counted_at7"
          FROM (
            SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count", SUM("x1_units") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_units", SUM("x1_counted") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_counted"
            FROM (
              SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count", "x1_units" AS "x1_units", "x1_counted" AS "x1_counted"
              FROM (
                SELECT *
                FROM "martlet_1_log") logs
              UNION ALL
              SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL, NULL, NULL
              FROM "martlet_1_point" p
              CROSS JOIN (
                SELECT CAST(0 AS BIGINT) AS edge
                UNION ALL
                SELECT CAST(7 AS BIGINT) AS edge) edges) u) m
          WHERE is_point
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) a) a) l
LEFT JOIN (
  SELECT p.e AS e, p.t AS t, MAX(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END) AS "peak_7d", COUNT(CASE WHEN v.us >= p.t - 604800000000 AND ("v"."x1_before0" IS NULL OR "v"."x1_before0" < p.t - 604800000000) THEN "v"."x1" END) AS "tariffs_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 302400000000 - CASE WHEN CAST(p.t AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
    FROM "martlet_1_point" p
    CROSS JOIN (
      SELECT CAST(0 AS BIGINT) AS back
      UNION ALL
      SELECT CAST(1 AS BIGINT) AS back
      UNION ALL
      SELECT CAST(2 AS BIGINT) AS back) backs) p
  JOIN (
    SELECT v.*, (CAST(v.us AS BIGINT) // 302400000000 - CASE WHEN CAST(v.us AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) AS stretch, MAX(v.us) OVER (PARTITION BY v.e, "v"."x1" ORDER BY greatest(v.us + 1, v.known - 21600000000) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS "x1_before0"
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", "f"."tariff" AS "x1", epoch_us("f"."loaded_at") AS known
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
    WHERE v.us >= 1710979200000000 AND v.known IS NOT NULL) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000 AND v.known <= p.t + 21600000000
  GROUP BY p.e, p.t) "m0" ON "m0"."e" = l.e AND "m0"."t" = l.t;

CREATE TEMPORARY TABLE "martlet_1_doubt_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 86400000000 - CASE WHEN CAST(t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS BIGINT) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 302400000000 - CASE WHEN CAST(p.t AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_1_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(1 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(2 AS BIGINT) AS back) backs) p
      JOIN (
        SELECT v.*, (CAST(v.us AS BIGINT) // 302400000000 - CASE WHEN CAST(v.us AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", epoch_us("f"."loaded_at") AS known
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
        WHERE v.us >= 1710979200000000 AND v.known IS NOT NULL) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000 AND v.known <= p.t + 21600000000
      CROSS JOIN (
        SELECT CAST(0 AS BIGINT) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_7d"
FROM "martlet_1_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN isfinite(CAST("careful_sum" AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0"
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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."kwh_7d", "v"."peak_7d", "v"."tariffs_7d"
FROM (
  SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d", CAST("peak_7d" AS DOUBLE) AS "peak_7d", CAST("tariffs_7d" AS BIGINT) AS "tariffs_7d"
  FROM (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."kwh_7d" ELSE f."kwh_7d" END AS "kwh_7d", f."peak_7d" AS "peak_7d", f."tariffs_7d" AS "tariffs_7d"
    FROM "martlet_1_fast" f
    LEFT JOIN "martlet_1_again" c ON c.e = f.e AND c.t = f.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
