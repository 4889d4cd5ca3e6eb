CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712016000000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL UNION
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712106000000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL UNION
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1"
    FROM "mart"."places") d
  WHERE "key__0" IS NOT NULL AND "key__1" IS NOT NULL UNION
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1"
    FROM "mart"."scores") f
  WHERE "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711584000000000), (1711670400000000), (1711756800000000), (1711843200000000), (1711929600000000), (1712016000000000), (1712102400000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_point" AS
SELECT n.e AS e, i.t AS t, (CAST(i.t AS BIGINT) // 86400000000 - CASE WHEN CAST(i.t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_entity" n
CROSS JOIN "martlet_1_instant" i;

CREATE TEMPORARY TABLE "martlet_1_read" AS
SELECT r.*, r.t - 0 AS "read__2"
FROM (
  SELECT r.*, CASE WHEN r.t + 5400000000 - g.instant <= 86400000000 THEN g.instant END AS "read__1"
  FROM (
    SELECT r.*, r.t - 86400000000 AS "read__0"
    FROM (
      SELECT e, t
      FROM "martlet_1_point") r) r
  ASOF LEFT JOIN (
    SELECT t AS instant
    FROM (
      SELECT CAST(column_t AS BIGINT) AS t
      FROM (VALUES (1711587600000000), (1711591200000000), (1711594800000000), (1711598400000000), (1711602000000000), (1711605600000000), (1711609200000000), (1711612800000000), (1711616400000000), (1711620000000000), (1711623600000000), (1711627200000000), (1711630800000000), (1711634400000000), (1711638000000000), (1711641600000000), (1711645200000000), (1711648800000000), (1711652400000000), (1711656000000000), (1711659600000000), (1711663200000000), (1711666800000000), (1711670400000000), (1711674000000000), (1711677600000000), (1711681200000000), (1711684800000000), (1711688400000000), (1711692000000000), (1711695600000000), (1711699200000000), (1711702800000000), (1711706400000000), (1711710000000000), (1711713600000000), (1711717200000000), (1711720800000000), (1711724400000000), (1711728000000000), (1711731600000000), (1711735200000000), (1711738800000000), (1711742400000000), (1711746000000000), (1711749600000000), (1711753200000000), (1711756800000000), (1711760400000000), (1711764000000000), (1711767600000000), (1711771200000000), (1711774800000000), (1711778400000000), (1711782000000000), (1711785600000000), (1711789200000000), (1711792800000000), (1711796400000000), (1711800000000000), (1711803600000000), (1711807200000000), (1711810800000000), (1711814400000000), (1711818000000000), (1711821600000000), (1711825200000000), (1711828800000000), (1711832400000000), (1711836000000000), (1711839600000000), (1711843200000000), (1711846800000000), (1711850400000000), (1711854000000000), (1711857600000000), (1711861200000000), (1711864800000000), (1711868400000000), (1711872000000000), (1711875600000000), (1711879200000000), (1711882800000000), (1711886400000000), (1711890000000000), (1711893600000000), (1711897200000000), (1711900800000000), (1711904400000000), (1711908000000000), (1711911600000000), (1711915200000000), (1711918800000000), (1711922400000000), (1711926000000000), (1711929600000000), (1711933200000000), (1711936800000000), (1711940400000000), (1711944000000000), (1711947600000000), (1711951200000000), (1711954800000000), (1711958400000000), (1711962000000000), (1711965600000000), (1711969200000000), (1711972800000000), (1711976400000000), (1711980000000000), (1711983600000000), (1711987200000000), (1711990800000000), (1711994400000000), (1711998000000000), (1712001600000000), (1712005200000000), (1712008800000000), (1712012400000000), (1712016000000000), (1712019600000000), (1712023200000000), (1712026800000000), (1712030400000000), (1712034000000000), (1712037600000000), (1712041200000000), (1712044800000000), (1712048400000000), (1712052000000000), (1712055600000000), (1712059200000000), (1712062800000000), (1712066400000000), (1712070000000000), (1712073600000000), (1712077200000000), (1712080800000000), (1712084400000000), (1712088000000000), (1712091600000000), (1712095200000000), (1712098800000000), (1712102400000000), (1712106000000000)) AS instants(column_t)) i) g ON r.t + 5400000000 >= g.instant) r;

CREATE TEMPORARY TABLE "martlet_1_v0_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 86400000000 - CASE WHEN CAST(t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM (
  SELECT DISTINCT e, "read__0" AS t
  FROM "martlet_1_read"
  WHERE "read__0" IS NOT NULL) d;

CREATE TEMPORARY TABLE "martlet_1_v0_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_units", "h"."x0_counted"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, SUM("x0_units") AS "x0_units", SUM("x0_counted") AS "x0_counted"
  FROM (
    SELECT *, us - 1711756800000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19802) AS j
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        WHERE "f"."ts" < make_timestamp(CAST(1712016000000000 AS BIGINT))) x) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_v0_fast" AS
SELECT a.e AS e, a.t AS t, "x0_total_over7_0" AS "kwh_7d", COALESCE(("x0_rough_over7_0"), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x0_units_over7_0" AS DOUBLE) / 1152921504606846976) AS "x0_total_over7_0", ("x0_counted_over7_0" >= 2147483648 AND ("x0_counted_over7_0" >= 140737488355328 OR ABS(CAST("x0_units_over7_0" AS DOUBLE)) < CAST("x0_counted_over7_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over7_0"
  FROM (
    SELECT a.*, (COALESCE("x0_units_at0", 0) - COALESCE("x0_units_at7", 0)) AS "x0_units_over7_0", (COALESCE("x0_counted_at0", 0) - COALESCE("x0_counted_at7", 0)) AS "x0_counted_over7_0"
    FROM (
      SELECT b.*
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT *
          FROM (
            SELECT e, j, "x0_units_run" AS "x0_units_at0", LAG("x0_units_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_units_at7", "x0_counted_run" AS "x0_counted_at0", LAG("x0_counted_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_counted_at7"
            FROM (
              SELECT r.e AS e, s.j AS j, "r"."x0_units_run" AS "x0_units_run", "r"."x0_counted_run" AS "x0_counted_run"
              FROM (
                SELECT e, j AS tile, LEAD(j, 1, 19816) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_units") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_units_run", SUM("x0_counted") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_counted_run"
                FROM (
                  SELECT *
                  FROM "martlet_1_v0_tile") tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
          WHERE j >= 19809) rows_) b
      JOIN "martlet_1_v0_point" p ON p.e = b.e AND p.j = b.j) a) a) a;

CREATE TEMPORARY TABLE "martlet_1_v0_doubt_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 86400000000 - CASE WHEN CAST(t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_v0_fast"
WHERE "row__doubt";

CREATE TEMPORARY TABLE "martlet_1_v0_doubt_entity" AS
SELECT n.*
FROM "martlet_1_entity" n
WHERE n.e IN (
  SELECT e
  FROM "martlet_1_v0_doubt_point");

CREATE TEMPORARY TABLE "martlet_1_v0_doubt_values" AS
SELECT e, t, k, n, x_unit, y_unit, x / x_unit AS x, y / y_unit AS y
FROM (
  SELECT r.*, COUNT(*) OVER (PARTITION BY e, t, k) AS n, CASE WHEN MAX(ABS(x)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS x_unit, CASE WHEN MAX(ABS(y)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS y_unit
  FROM (
    SELECT *
    FROM (
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 604800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS BIGINT) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 302400000000 - CASE WHEN CAST(p.t AS BIGINT) % 302400000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_1_v0_doubt_point" p
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
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_v0_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712016000000000 AS BIGINT))) x) v
        WHERE v.us >= 1710892800000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 604800000000
      CROSS JOIN (
        SELECT CAST(0 AS BIGINT) AS k) k) pairs
    WHERE x IS NOT NULL) r) sized;

CREATE TEMPORARY TABLE "martlet_1_v0_doubt_sums" AS
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
                                FROM "martlet_1_v0_doubt_values" scaled) r) r) r) r) r) r) r) r) r) r) r) r) r) r) r) split
GROUP BY e, t, k, n, x_unit, y_unit;

CREATE TEMPORARY TABLE "martlet_1_v0_again" AS
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_7d"
FROM "martlet_1_v0_doubt_point" p
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
          FROM "martlet_1_v0_doubt_sums" s
          JOIN "martlet_1_v0_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

CREATE TEMPORARY TABLE "martlet_1_v1_instant" AS
SELECT CAST(column_t AS BIGINT) AS t
FROM (VALUES (1711587600000000), (1711591200000000), (1711594800000000), (1711598400000000), (1711602000000000), (1711605600000000), (1711609200000000), (1711612800000000), (1711616400000000), (1711620000000000), (1711623600000000), (1711627200000000), (1711630800000000), (1711634400000000), (1711638000000000), (1711641600000000), (1711645200000000), (1711648800000000), (1711652400000000), (1711656000000000), (1711659600000000), (1711663200000000), (1711666800000000), (1711670400000000), (1711674000000000), (1711677600000000), (1711681200000000), (1711684800000000), (1711688400000000), (1711692000000000), (1711695600000000), (1711699200000000), (1711702800000000), (1711706400000000), (1711710000000000), (1711713600000000), (1711717200000000), (1711720800000000), (1711724400000000), (1711728000000000), (1711731600000000), (1711735200000000), (1711738800000000), (1711742400000000), (1711746000000000), (1711749600000000), (1711753200000000), (1711756800000000), (1711760400000000), (1711764000000000), (1711767600000000), (1711771200000000), (1711774800000000), (1711778400000000), (1711782000000000), (1711785600000000), (1711789200000000), (1711792800000000), (1711796400000000), (1711800000000000), (1711803600000000), (1711807200000000), (1711810800000000), (1711814400000000), (1711818000000000), (1711821600000000), (1711825200000000), (1711828800000000), (1711832400000000), (1711836000000000), (1711839600000000), (1711843200000000), (1711846800000000), (1711850400000000), (1711854000000000), (1711857600000000), (1711861200000000), (1711864800000000), (1711868400000000), (1711872000000000), (1711875600000000), (1711879200000000), (1711882800000000), (1711886400000000), (1711890000000000), (1711893600000000), (1711897200000000), (1711900800000000), (1711904400000000), (1711908000000000), (1711911600000000), (1711915200000000), (1711918800000000), (1711922400000000), (1711926000000000), (1711929600000000), (1711933200000000), (1711936800000000), (1711940400000000), (1711944000000000), (1711947600000000), (1711951200000000), (1711954800000000), (1711958400000000), (1711962000000000), (1711965600000000), (1711969200000000), (1711972800000000), (1711976400000000), (1711980000000000), (1711983600000000), (1711987200000000), (1711990800000000), (1711994400000000), (1711998000000000), (1712001600000000), (1712005200000000), (1712008800000000), (1712012400000000), (1712016000000000), (1712019600000000), (1712023200000000), (1712026800000000), (1712030400000000), (1712034000000000), (1712037600000000), (1712041200000000), (1712044800000000), (1712048400000000), (1712052000000000), (1712055600000000), (1712059200000000), (1712062800000000), (1712066400000000), (1712070000000000), (1712073600000000), (1712077200000000), (1712080800000000), (1712084400000000), (1712088000000000), (1712091600000000), (1712095200000000), (1712098800000000), (1712102400000000), (1712106000000000)) AS instants(column_t);

CREATE TEMPORARY TABLE "martlet_1_v1_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 3600000000 - CASE WHEN CAST(t AS BIGINT) % 3600000000 < 0 THEN 1 ELSE 0 END) AS j
FROM (
  SELECT DISTINCT e, "read__1" AS t
  FROM "martlet_1_read"
  WHERE "read__1" IS NOT NULL) d;

CREATE TEMPORARY TABLE "martlet_1_v1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_units", "h"."x0_counted"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, SUM("x0_units") AS "x0_units", SUM("x0_counted") AS "x0_counted"
  FROM (
    SELECT *, us - 1711846800000000 AS tau, greatest((CAST(us AS BIGINT) // 3600000000 - CASE WHEN CAST(us AS BIGINT) % 3600000000 < 0 THEN 1 ELSE 0 END) + 1, 475438) AS j
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        WHERE "f"."ts" < make_timestamp(CAST(1712106000000000 AS BIGINT))) x) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_v1_fast" AS
SELECT a.e AS e, a.t AS t, "x0_total_over3_0" AS "kwh_3h", COALESCE(("x0_rough_over3_0"), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x0_units_over3_0" AS DOUBLE) / 1152921504606846976) AS "x0_total_over3_0", ("x0_counted_over3_0" >= 2147483648 AND ("x0_counted_over3_0" >= 140737488355328 OR ABS(CAST("x0_units_over3_0" AS DOUBLE)) < CAST("x0_counted_over3_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x0_rough_over3_0"
  FROM (
    SELECT a.*, (COALESCE("x0_units_at0", 0) - COALESCE("x0_units_at3", 0)) AS "x0_units_over3_0", (COALESCE("x0_counted_at0", 0) - COALESCE("x0_counted_at3", 0)) AS "x0_counted_over3_0"
    FROM (
      SELECT b.*
      FROM (
        SELECT b.*
        FROM (
          SELECT *, (j * 3600000000) AS t
          FROM (
            SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) + edge AS j, MAX(CASE WHEN edge = 0 THEN "x0_units_at0" END) AS "x0_units_at0", MAX(CASE WHEN edge = 3 THEN "x0_units_at3" END) AS "x0_units_at3", MAX(CASE WHEN edge = 0 THEN "x0_counted_at0" END) AS "x0_counted_at0", MAX(CASE WHEN edge = 3 THEN "x0_counted_at3" END) AS "x0_counted_at3"
            FROM (
              SELECT e, z, edge, SUM(present) OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at0", SUM("x0_units") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_units_at3", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at0", SUM("x0_counted") OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_counted_at3"
              FROM (
                SELECT e, 2 * j AS z, CAST(NULL AS BIGINT) AS edge, 1 AS present, "x0_units", "x0_counted"
                FROM (
                  SELECT *
                  FROM "martlet_1_v1_tile") tiles
                UNION ALL
                SELECT p.e, 2 * (p.j - o.edge) + 1, o.edge, 0, NULL, NULL
                FROM (
                  SELECT DISTINCT e, j
                  FROM "martlet_1_v1_point") p
                CROSS JOIN (
                  SELECT CAST(0 AS BIGINT) AS edge
                  UNION ALL
                  SELECT CAST(3 AS BIGINT) AS edge) o) u) m
            WHERE edge IS NOT NULL
            GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) rows_) b
        WHERE b.t IN (
          SELECT t
          FROM "martlet_1_v1_instant")) b
      JOIN "martlet_1_v1_point" p ON p.e = b.e AND p.j = b.j) a) a) a;

CREATE TEMPORARY TABLE "martlet_1_v1_doubt_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 3600000000 - CASE WHEN CAST(t AS BIGINT) % 3600000000 < 0 THEN 1 ELSE 0 END) AS j
FROM "martlet_1_v1_fast"
WHERE "row__doubt";

CREATE TEMPORARY TABLE "martlet_1_v1_doubt_entity" AS
SELECT n.*
FROM "martlet_1_entity" n
WHERE n.e IN (
  SELECT e
  FROM "martlet_1_v1_doubt_point");

CREATE TEMPORARY TABLE "martlet_1_v1_doubt_values" AS
SELECT e, t, k, n, x_unit, y_unit, x / x_unit AS x, y / y_unit AS y
FROM (
  SELECT r.*, COUNT(*) OVER (PARTITION BY e, t, k) AS n, CASE WHEN MAX(ABS(x)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS x_unit, CASE WHEN MAX(ABS(y)) OVER (PARTITION BY e, t, k) > POWER(CAST(2 AS DOUBLE), 900) THEN POWER(CAST(2 AS DOUBLE), 200) ELSE CAST(1 AS DOUBLE) END AS y_unit
  FROM (
    SELECT *
    FROM (
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 10800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS BIGINT) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 5400000000 - CASE WHEN CAST(p.t AS BIGINT) % 5400000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_1_v1_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(1 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(2 AS BIGINT) AS back) backs) p
      JOIN (
        SELECT v.*, (CAST(v.us AS BIGINT) // 5400000000 - CASE WHEN CAST(v.us AS BIGINT) % 5400000000 < 0 THEN 1 ELSE 0 END) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_1_v1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712106000000000 AS BIGINT))) x) v
        WHERE v.us >= 1711576800000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 10800000000
      CROSS JOIN (
        SELECT CAST(0 AS BIGINT) AS k) k) pairs
    WHERE x IS NOT NULL) r) sized;

CREATE TEMPORARY TABLE "martlet_1_v1_doubt_sums" AS
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
                                FROM "martlet_1_v1_doubt_values" scaled) r) r) r) r) r) r) r) r) r) r) r) r) r) r) r) split
GROUP BY e, t, k, n, x_unit, y_unit;

CREATE TEMPORARY TABLE "martlet_1_v1_again" AS
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_3h"
FROM "martlet_1_v1_doubt_point" p
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
          FROM "martlet_1_v1_doubt_sums" s
          JOIN "martlet_1_v1_doubt_values" r ON r.e = s.e AND r.t = s.t AND r.k = s.k) away) reached) parts
    GROUP BY e, t, k, n, total, x_unit, y_unit, reach_x, reach_y) sums
  GROUP BY e, t) s ON s.e = p.e AND s.t = p.t;

CREATE TEMPORARY TABLE "martlet_1_v2_point" AS
SELECT e, t, (CAST(t AS BIGINT) // 86400000000 - CASE WHEN CAST(t AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) AS j
FROM (
  SELECT DISTINCT e, "read__2" AS t
  FROM "martlet_1_read"
  WHERE "read__2" IS NOT NULL) d;

CREATE TEMPORARY TABLE "martlet_1_v3_keyed" AS
SELECT ROW_NUMBER() OVER (ORDER BY e, t) AS spine_row, e, t, t + 5400000000 AS us
FROM "martlet_1_read";

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."kwh", "v"."region", "v"."score"
FROM (
  SELECT e, t, CAST(CASE WHEN isfinite(CAST(("viewed__0" - "viewed__1") AS DOUBLE)) THEN CAST(("viewed__0" - "viewed__1") AS DOUBLE) END AS DOUBLE) AS "kwh", CAST("viewed__2" AS VARCHAR) AS "region", CAST("viewed__3" AS DOUBLE) AS "score"
  FROM (
    SELECT p.e AS e, p.t AS t, "s0"."kwh_7d" AS "viewed__0", "s1"."kwh_3h" AS "viewed__1", "s2"."region" AS "viewed__2", "s3"."score" AS "viewed__3"
    FROM "martlet_1_read" p
    LEFT JOIN (
      SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d"
      FROM (
        SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."kwh_7d" ELSE f."kwh_7d" END AS "kwh_7d"
        FROM "martlet_1_v0_fast" f
        LEFT JOIN "martlet_1_v0_again" c ON c.e = f.e AND c.t = f.t) base) "s0" ON "s0".e = p.e AND "s0".t = "p"."read__0"
    LEFT JOIN (
      SELECT e, t, CAST("kwh_3h" AS DOUBLE) AS "kwh_3h"
      FROM (
        SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."kwh_3h" ELSE f."kwh_3h" END AS "kwh_3h"
        FROM "martlet_1_v1_fast" f
        LEFT JOIN "martlet_1_v1_again" c ON c.e = f.e AND c.t = f.t) base) "s1" ON "s1".e = p.e AND "s1".t = "p"."read__1"
    LEFT JOIN (
      SELECT e, t, CAST("d0__of_region" AS VARCHAR) AS "region"
      FROM (
        SELECT r.*, CASE WHEN (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) THEN "a"."d0__of_region" END AS "d0__of_region", (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "d0__valid"
        FROM (
          SELECT e, t
          FROM (
            SELECT r.*, (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "population__valid"
            FROM (
              SELECT e, t
              FROM "martlet_1_v2_point") r
            ASOF LEFT JOIN (
              SELECT *
              FROM (WITH ranked AS (
                  SELECT n.e AS e, epoch_us("d"."since") AS since, epoch_us("d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(epoch_us("d"."since")) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(epoch_us("d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
                  FROM (
                    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CAST("region" AS VARCHAR) AS "region", CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
                    FROM "mart"."places") d
                  JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
                  WHERE "d"."since" IS NOT NULL AND (epoch_us("d"."until") IS NULL OR epoch_us("d"."until") > epoch_us("d"."since"))) SELECT e, since, until FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until FROM (
                  SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
                  FROM (
                    SELECT DISTINCT e, until AS ended
                    FROM ranked
                    WHERE until < reach) u
                  JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
                  GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a ON r.e = a.e AND r.t >= a.since) there
          WHERE "population__valid") r
        ASOF LEFT JOIN (
          SELECT *
          FROM (WITH ranked AS (
              SELECT n.e AS e, epoch_us("d"."since") AS since, epoch_us("d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(epoch_us("d"."since")) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(epoch_us("d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY epoch_us("d"."since"), epoch_us("d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach, "d"."region" AS "d0__of_region"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CAST("region" AS VARCHAR) AS "region", CASE WHEN TRY_CAST("since" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since" AS TIMESTAMP) END AS "since", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
                FROM "mart"."places") d
              JOIN "martlet_1_entity" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
              WHERE "d"."since" IS NOT NULL AND (epoch_us("d"."until") IS NULL OR epoch_us("d"."until") > epoch_us("d"."since"))) SELECT e, since, until, "d0__of_region" FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until, "k"."d0__of_region" FROM (
              SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
              FROM (
                SELECT DISTINCT e, until AS ended
                FROM ranked
                WHERE until < reach) u
              JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
              GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a ON r.e = a.e AND r.t >= a.since) base) "s2" ON "s2".e = p.e AND "s2".t = "p"."read__2"
    LEFT JOIN (
      SELECT k.e AS e, k.t AS t, "s"."score"
      FROM "martlet_1_v3_keyed" k
      JOIN (
        SELECT spine_row, t, CASE WHEN t IS NOT NULL THEN "score" END AS "score"
        FROM (
          SELECT spine_row, t, CAST("value__0" AS DOUBLE) AS "score"
          FROM (
            SELECT m.spine_row AS spine_row, o.t AS t, o."value__0"
            FROM (
              SELECT k.spine_row AS spine_row, k.e AS e, r.best AS best
              FROM (
                SELECT spine_row, us, e AS e
                FROM "martlet_1_v3_keyed") k
              ASOF LEFT JOIN (
                SELECT e, known, MAX(place) OVER (PARTITION BY e ORDER BY known ROWS UNBOUNDED PRECEDING) AS best
                FROM (
                  SELECT e, known, MAX(place) AS place
                  FROM (
                    SELECT o.*, greatest(o.t + 0, epoch_us(o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST) AS place
                    FROM (
                      SELECT n.e AS e, p.*
                      FROM (
                        SELECT "s"."key__0", "s"."key__1", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."written" AS created__at
                        FROM (
                          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
                          FROM "mart"."scores") s
                        WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
                      JOIN "martlet_1_entity" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) ranked
                  GROUP BY e, known) moments) r ON k.e = r.e AND k.us >= r.known) m
            LEFT JOIN (
              SELECT o.*, greatest(o.t + 0, epoch_us(o.created__at)) AS known, ROW_NUMBER() OVER (PARTITION BY o.e ORDER BY o.t, o."created__at" NULLS FIRST, o."value__0" NULLS FIRST) AS place
              FROM (
                SELECT n.e AS e, p.*
                FROM (
                  SELECT "s"."key__0", "s"."key__1", epoch_us("s"."at") AS t, "s"."score" AS "value__0", "s"."written" AS created__at
                  FROM (
                    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at" AS TIMESTAMP) END AS "at", CASE WHEN TRY_CAST("written" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("written" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("written" AS TIMESTAMP) END AS "written", CASE WHEN isfinite(CAST("score" AS DOUBLE)) THEN CAST("score" AS DOUBLE) END AS "score", CAST("segment" AS VARCHAR) AS "segment"
                    FROM "mart"."scores") s
                  WHERE "s"."key__0" IS NOT NULL AND "s"."key__1" IS NOT NULL AND "s"."at" IS NOT NULL AND "s"."written" IS NOT NULL) p
                JOIN "martlet_1_entity" n ON "n"."key__0" = "p"."key__0" AND "n"."key__1" = "p"."key__1") o) o ON o.e = m.e AND o.place = m.best) base) known) s ON s.spine_row = k.spine_row
      WHERE s.t IS NOT NULL AND k.us - s.t <= 604800000000) "s3" ON "s3".e = p.e AND "s3".t = p.t
    WHERE "s0".e IS NOT NULL OR "s1".e IS NOT NULL OR "s2".e IS NOT NULL OR "s3".e IS NOT NULL) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
