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
SELECT DISTINCT "e0" AS e, us + 280800000000 AS t, us + 280800000000 AS j
FROM "martlet_1_keyed";

CREATE TEMPORARY TABLE "martlet_2_tile" AS
SELECT e, j, SUM("x0_units") AS "x0_units", SUM("x0_counted") AS "x0_counted"
FROM (
  SELECT *, us - 1712167200000000 AS tau, greatest((CAST(us AS BIGINT) // 1 - CASE WHEN CAST(us AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) + 1, 1711692000000000) AS j
  FROM (
    SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
    FROM (
      SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < make_timestamp(CAST(1712383200000000 AS BIGINT))) x) v) g
GROUP BY e, j;

CREATE TEMPORARY TABLE "martlet_2_fast" AS
SELECT a.e AS e, a.t AS t, "x0_total_over86400000000_172800000000" AS "value_1", "x0_total_over86400000000_86400000000" AS "value_2", "x0_total_over86400000000_0" AS "value_3", COALESCE(("x0_rough_over86400000000_172800000000") OR ("x0_rough_over86400000000_86400000000") OR ("x0_rough_over86400000000_0"), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x0_units_over86400000000_172800000000" AS DOUBLE) / 1152921504606846976) AS "x0_total_over86400000000_172800000000", (CAST("x0_units_over86400000000_86400000000" AS DOUBLE) / 1152921504606846976) AS "x0_total_over86400000000_86400000000", (CAST("x0_units_over86400000000_0" AS DOUBLE) / 1152921504606846976) AS "x0_total_over86400000000_0", ("x0_counted_over86400000000_172800000000" >= 2147483648 AND ("x0_counted_over86400000000_172800000000" >= 140737488355328 OR ABS(CAST("x0_units_over86400000000_172800000000" AS DOUBLE)) < CAST("x0_counted_over86400000000_172800000000" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over86400000000_172800000000", ("x0_counted_over86400000000_86400000000" >= 2147483648 AND ("x0_counted_over86400000000_86400000000" >= 140737488355328 OR ABS(CAST("x0_units_over86400000000_86400000000" AS DOUBLE)) < CAST("x0_counted_over86400000000_86400000000" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over86400000000_86400000000", ("x0_counted_over86400000000_0" >= 2147483648 AND ("x0_counted_over86400000000_0" >= 140737488355328 OR ABS(CAST("x0_units_over86400000000_0" AS DOUBLE)) < CAST("x0_counted_over86400000000_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over86400000000_0"
  FROM (
    SELECT a.*, (COALESCE("x0_units_at172800000000", 0) - COALESCE("x0_units_at259200000000", 0)) AS "x0_units_over86400000000_172800000000", (COALESCE("x0_units_at86400000000", 0) - COALESCE("x0_units_at172800000000", 0)) AS "x0_units_over86400000000_86400000000", (COALESCE("x0_units_at0", 0) - COALESCE("x0_units_at86400000000", 0)) AS "x0_units_over86400000000_0", (COALESCE("x0_counted_at172800000000", 0) - COALESCE("x0_counted_at259200000000", 0)) AS "x0_counted_over86400000000_172800000000", (COALESCE("x0_counted_at86400000000", 0) - COALESCE("x0_counted_at172800000000", 0)) AS "x0_counted_over86400000000_86400000000", (COALESCE("x0_counted_at0", 0) - COALESCE("x0_counted_at86400000000", 0)) AS "x0_counted_over86400000000_0"
    FROM (
      SELECT b.*
      FROM (
        SELECT *, (j * 1) AS t
        FROM (
          SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) + edge AS j, MAX(CASE WHEN edge = 172800000000 THEN "x0_units_at172800000000" END) AS "x0_units_at172800000000", MAX(CASE WHEN edge = 259200000000 THEN "x0_units_at259200000000" END) AS "x0_units_at259200000000", MAX(CASE WHEN edge = 86400000000 THEN "x0_units_at86400000000" END) AS "x0_units_at86400000000", MAX(CASE WHEN edge = 0 THEN "x0_units_at0" END) AS "x0_units_at0", MAX(CASE WHEN edge = 172800000000 THEN "x0_counted_at172800000000" END) AS "x0_counted_at172800000000", MAX(CASE WHEN edge = 259200000000 THEN "x0_counted_at259200000000" END) AS "x0_counted_at259200000000", MAX(CASE WHEN edge = 86400000000 THEN "x0_counted_at86400000000" END) AS "x0_counted_at86400000000", MAX(CASE WHEN edge = 0 THEN "x0_counted_at0" END) AS "x0_counted_at0"
          FROM (
            SELECT e, z, edge, SUM(present) OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at172800000000", SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at259200000000", SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at86400000000", SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at0", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at172800000000", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at259200000000", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at86400000000", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at0"
            FROM (
              SELECT e, 2 * j AS z, CAST(NULL AS BIGINT) AS edge, 1 AS present, "x0_units", "x0_counted"
              FROM (
                SELECT *
                FROM "martlet_2_tile") tiles
              UNION ALL
              SELECT p.e, 2 * (p.j - o.edge) + 1, o.edge, 0, NULL, NULL
              FROM (
                SELECT DISTINCT e, j
                FROM "martlet_2_point") p
              CROSS JOIN (
                SELECT CAST(0 AS BIGINT) AS edge
                UNION ALL
                SELECT CAST(172800000000 AS BIGINT) AS edge
                UNION ALL
                SELECT CAST(259200000000 AS BIGINT) AS edge
                UNION ALL
                SELECT CAST(86400000000 AS BIGINT) AS edge) o) u) m
          WHERE edge IS NOT NULL
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) rows_) b
      JOIN "martlet_2_point" p ON p.e = b.e AND p.j = b.j) a) a) a;

CREATE TEMPORARY TABLE "martlet_2_doubt_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 1 - CASE WHEN CAST(t AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) AS j
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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 259200000000 AND v.us < p.t - 172800000000 THEN "v"."x0" END AS DOUBLE) WHEN k.k = 1 THEN CAST(CASE WHEN v.us >= p.t - 172800000000 AND v.us < p.t - 86400000000 THEN "v"."x0" END AS DOUBLE) WHEN k.k = 2 THEN CAST(CASE WHEN v.us >= p.t - 86400000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) WHEN k.k = 1 THEN CAST(NULL AS DOUBLE) WHEN k.k = 2 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS BIGINT) WHEN k.k = 1 THEN CAST(NULL AS BIGINT) WHEN k.k = 2 THEN CAST(NULL AS BIGINT) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 129600000000 - CASE WHEN CAST(p.t AS BIGINT) % 129600000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_2_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(1 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(2 AS BIGINT) AS back) backs) p
      JOIN (
        SELECT v.*, (CAST(v.us AS BIGINT) // 129600000000 - CASE WHEN CAST(v.us AS BIGINT) % 129600000000 < 0 THEN 1 ELSE 0 END) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_2_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712383200000000 AS BIGINT))) x) v
        WHERE v.us >= 1711692000000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 259200000000
      CROSS JOIN (
        SELECT CAST(0 AS BIGINT) AS k
        UNION ALL
        SELECT CAST(1 AS BIGINT) AS k
        UNION ALL
        SELECT CAST(2 AS BIGINT) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "value_1", CASE WHEN isfinite(CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) END AS "value_2", CASE WHEN isfinite(CAST(CASE WHEN "s"."count_2" IS NULL THEN 0 ELSE "s"."part_2" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_2" IS NULL THEN 0 ELSE "s"."part_2" END AS DOUBLE) END AS "value_3"
FROM "martlet_2_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN isfinite(CAST("careful_sum" AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 1 THEN CASE WHEN isfinite(CAST("careful_sum" AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_1", MAX(CASE WHEN k = 2 THEN CASE WHEN isfinite(CAST("careful_sum" AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_2", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0", MAX(CASE WHEN k = 1 THEN "careful_count" END) AS "count_1", MAX(CASE WHEN k = 2 THEN "careful_count" END) AS "count_2"
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

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."score" END AS "scores__score", CASE WHEN "k".us - "v0".t <= 259200000000 THEN "v0"."segment" END AS "scores__segment", "l0".label_1 AS "next_1", "l0".label_2 AS "next_2", "l0".label_3 AS "next_3"
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
        ASOF LEFT JOIN (
          SELECT e, known, MAX(place) OVER (PARTITION BY e ORDER BY known ROWS UNBOUNDED PRECEDING) AS best
          FROM (
            SELECT e, known, MAX(place) AS place
            FROM (
              SELECT o.*, greatest(o.t + 3600000000, epoch_us(o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST, o."value__1" NULLS FIRST) AS place
              FROM (
                SELECT n.e AS e, p.*
                FROM (
                  SELECT "s"."key__0", "s"."key__1", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
                  FROM (
                    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
                    FROM "mart"."scores") s
                  WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
                JOIN "martlet_1_e0" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) ranked
            GROUP BY e, known) moments) r ON k.e = r.e AND k.us >= r.known) m
      LEFT JOIN (
        SELECT o.*, greatest(o.t + 3600000000, epoch_us(o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST, o."value__1" NULLS FIRST) AS place
        FROM (
          SELECT n.e AS e, p.*
          FROM (
            SELECT "s"."key__0", "s"."key__1", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."segment" AS "value__1", "s"."written" AS created__at
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
              FROM "mart"."scores") s
            WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
          JOIN "martlet_1_e0" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) o ON o.e = m.e AND o.place = m.best) base) known) "v0" ON "v0".spine_row = "k".spine_row
LEFT JOIN (
  SELECT k.spine_row AS spine_row, CASE WHEN k.us + 280800000000 <= 1712188800000000 THEN CAST(CASE WHEN v.e IS NULL THEN 0 ELSE v.value_1 END AS DOUBLE) END AS label_1, CASE WHEN k.us + 367200000000 <= 1712188800000000 THEN CAST(CASE WHEN v.e IS NULL THEN 0 ELSE v.value_2 END AS DOUBLE) END AS label_2, CASE WHEN k.us + 453600000000 <= 1712188800000000 THEN CAST(CASE WHEN v.e IS NULL THEN 0 ELSE v.value_3 END AS DOUBLE) END AS label_3
  FROM "martlet_1_keyed" k
  LEFT JOIN (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."value_1" ELSE f."value_1" END AS "value_1", CASE WHEN f."row__doubt" THEN c."value_2" ELSE f."value_2" END AS "value_2", CASE WHEN f."row__doubt" THEN c."value_3" ELSE f."value_3" END AS "value_3"
    FROM "martlet_2_fast" f
    LEFT JOIN "martlet_2_again" c ON c.e = f.e AND c.t = f.t) v ON v.e = k."e0" AND v.t = k.us + 280800000000) "l0" ON "l0".spine_row = k.spine_row;
