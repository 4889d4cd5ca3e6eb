CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", (CAST("s"."spine__us" - 0 AS BIGINT) // 1 - CASE WHEN CAST("s"."spine__us" - 0 AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) * 1 AS "t0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_clock" AS
SELECT arrived, MAX(newest) OVER (ORDER BY arrived ROWS UNBOUNDED PRECEDING) AS newest
FROM (
  SELECT epoch_us("f"."loaded_at") AS arrived, MAX(epoch_us("f"."ts")) AS newest
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at"
    FROM "mart"."usage") f
  WHERE "f"."ts" IS NOT NULL AND "f"."loaded_at" <= make_timestamp(CAST(1712102400000000 AS BIGINT))
  GROUP BY 1) a;

CREATE TEMPORARY TABLE "martlet_2_point" AS
SELECT p.e AS e, p.t AS t, p.j AS j, CASE WHEN c.newest < p.t THEN c.newest + 1 ELSE p.t END AS "closed__t"
FROM (
  SELECT e, t, (CAST(t AS BIGINT) // 1 - CASE WHEN CAST(t AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) AS j
  FROM (
    SELECT DISTINCT "e0" AS e, "t0" AS t
    FROM "martlet_1_keyed") d) p
ASOF LEFT JOIN (
  SELECT arrived, newest
  FROM "martlet_2_clock") c ON p.t >= c.arrived;

CREATE TEMPORARY TABLE "martlet_2_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count", arg_max("x1", row("us" IS NOT NULL, "us", "sequence" IS NOT NULL, "sequence", "x1" IS NOT NULL, "x1")) AS "x1_newest", MAX(CASE WHEN "x1" IS NOT NULL THEN "x1_rank" END) AS "x1_newestRank"
FROM (
  SELECT v.*, edges.edge AS edge, greatest(v.own_j + edges.edge, v.arrived_j, 1711670400000000) AS j
  FROM (
    SELECT v.*, us - 1711886400000000 AS tau, (CAST(us AS BIGINT) // 1 - CASE WHEN CAST(us AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) + 1 AS own_j, (CAST(known - 0 - 1 AS BIGINT) // 1 - CASE WHEN CAST(known - 0 - 1 AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) + 1 AS arrived_j, ROW_NUMBER() OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x1" NULLS FIRST) AS "x1_rank"
    FROM (
      SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."ts" AS "x1", epoch_us("f"."loaded_at") AS known
      FROM (
        SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
        FROM "mart"."usage") f
      JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
      WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) v
    WHERE known IS NOT NULL) v
  CROSS JOIN (
    SELECT CAST(0 AS BIGINT) AS edge) edges) entered
WHERE j <= 1712102400000000
GROUP BY e, edge, j;

CREATE TEMPORARY TABLE "martlet_2_fast" AS
SELECT l.e AS e, l.t AS t, CASE WHEN "m0"."e" IS NULL THEN 0 ELSE "m0"."n_1h" END AS "n_1h", "m0"."mean_24h" AS "mean_24h", "l"."newest" AS "newest", COALESCE(("m0"."row__doubt"), FALSE) AS "row__doubt"
FROM (
  SELECT e, t, "x1_newest_at0" AS "newest"
  FROM (
    SELECT *, (j * 1) AS t
    FROM (
      SELECT e, (CAST(z AS BIGINT) // 2 - CASE WHEN CAST(z AS BIGINT) % 2 < 0 THEN 1 ELSE 0 END) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 0 THEN "x1_newest" END) AS "x1_newest_at0"
      FROM (
        SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count", LAST_VALUE("x1_newest" IGNORE NULLS) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_newest"
        FROM (
          SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count", CASE WHEN "x1_newestRank" = MAX("x1_newestRank") OVER (PARTITION BY e, edge ORDER BY j ROWS UNBOUNDED PRECEDING) THEN "x1_newest" END AS "x1_newest"
          FROM (
            SELECT *
            FROM "martlet_2_log") logs
          UNION ALL
          SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL, NULL
          FROM "martlet_2_point" p
          CROSS JOIN (
            SELECT CAST(0 AS BIGINT) AS edge) edges) u) m
      WHERE is_point
      GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) l
LEFT JOIN (
  SELECT p.e AS e, p.t AS t, COUNT(CASE WHEN v.us >= (CAST("p"."closed__t" - 3600000000 AS BIGINT) // 60000000 - CASE WHEN CAST("p"."closed__t" - 3600000000 AS BIGINT) % 60000000 < 0 THEN 1 ELSE 0 END) * 60000000 THEN "v"."x0" END) AS "n_1h", (CAST(CAST(COALESCE((CAST(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_units" END) AS DOUBLE) / 1152921504606846976), 0) AS DOUBLE) AS DOUBLE) / NULLIF(CAST((CASE WHEN COALESCE(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END), 0) % 2147483648 END) AS DOUBLE), 0)) AS "mean_24h", COALESCE(((SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END) >= 2147483648 AND (SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END) >= 140737488355328 OR ABS(CAST(COALESCE(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_units" END), 0) AS DOUBLE)) < CAST(SUM(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x1_counted" END) AS DOUBLE) / 2147483648 * 10000000000))), FALSE) AS "row__doubt"
  FROM (
    SELECT p.e AS e, p.t AS t, "p"."closed__t", (CAST("p"."closed__t" AS BIGINT) // 44100000000 - CASE WHEN CAST("p"."closed__t" AS BIGINT) % 44100000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
    FROM "martlet_2_point" p
    CROSS JOIN (
      SELECT CAST(0 AS BIGINT) AS back
      UNION ALL
      SELECT CAST(1 AS BIGINT) AS back
      UNION ALL
      SELECT CAST(2 AS BIGINT) AS back) backs) p
  JOIN (
    SELECT v.*, (CAST(v.us AS BIGINT) // 44100000000 - CASE WHEN CAST(v.us AS BIGINT) % 44100000000 < 0 THEN 1 ELSE 0 END) AS stretch
    FROM (
      SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS HUGEINT) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
      FROM (
        SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", epoch_us("f"."loaded_at") AS known
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
    WHERE TRUE AND v.known IS NOT NULL) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= "p"."closed__t" - 88200000000 AND v.known <= p.t + 0
  GROUP BY p.e, p.t) "m0" ON "m0"."e" = l.e AND "m0"."t" = l.t;

CREATE TEMPORARY TABLE "martlet_2_doubt_point" AS
SELECT p.*
FROM "martlet_2_point" p
JOIN (
  SELECT e, t, (CAST(t AS BIGINT) // 1 - CASE WHEN CAST(t AS BIGINT) % 1 < 0 THEN 1 ELSE 0 END) AS j
  FROM "martlet_2_fast"
  WHERE "row__doubt") d ON d.e = p.e AND d.t = p.t;

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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= (CAST("p"."closed__t" - 86400000000 AS BIGINT) // 1800000000 - CASE WHEN CAST("p"."closed__t" - 86400000000 AS BIGINT) % 1800000000 < 0 THEN 1 ELSE 0 END) * 1800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS BIGINT) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, "p"."closed__t", (CAST("p"."closed__t" AS BIGINT) // 44100000000 - CASE WHEN CAST("p"."closed__t" AS BIGINT) % 44100000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
        FROM "martlet_2_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(1 AS BIGINT) AS back
          UNION ALL
          SELECT CAST(2 AS BIGINT) AS back) backs) p
      JOIN (
        SELECT v.*, (CAST(v.us AS BIGINT) // 44100000000 - CASE WHEN CAST(v.us AS BIGINT) % 44100000000 < 0 THEN 1 ELSE 0 END) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0", epoch_us("f"."loaded_at") AS known
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("loaded_at" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_2_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
        WHERE TRUE AND v.known IS NOT NULL) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= "p"."closed__t" - 88200000000 AND v.known <= p.t + 0
      CROSS JOIN (
        SELECT CAST(0 AS BIGINT) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST("s"."part_0" AS DOUBLE)) THEN CAST("s"."part_0" AS DOUBLE) END AS "mean_24h"
FROM "martlet_2_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN isfinite(CAST(("careful_sum" / "careful_count") AS DOUBLE)) THEN CAST(("careful_sum" / "careful_count") AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0"
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

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_1h" AS "by_newest__n_1h", "v0"."mean_24h" AS "by_newest__mean_24h", "v0"."newest" AS "by_newest__newest", "v0"."since" AS "by_newest__since"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT *, CASE WHEN isfinite(CAST((CAST((epoch_us(make_timestamp(CAST("closed__t" AS BIGINT))) - epoch_us("newest")) AS DOUBLE) / 86400000000) AS DOUBLE)) THEN CAST((CAST((epoch_us(make_timestamp(CAST("closed__t" AS BIGINT))) - epoch_us("newest")) AS DOUBLE) / 86400000000) AS DOUBLE) END AS "since"
  FROM (
    SELECT e, t, "closed__t", CAST("n_1h" AS BIGINT) AS "n_1h", CAST("mean_24h" AS DOUBLE) AS "mean_24h", CAST("newest" AS TIMESTAMP) AS "newest"
    FROM (
      SELECT r.*, "p"."closed__t"
      FROM (
        SELECT f.e AS e, f.t AS t, f."n_1h" AS "n_1h", CASE WHEN f."row__doubt" THEN c."mean_24h" ELSE f."mean_24h" END AS "mean_24h", f."newest" AS "newest"
        FROM "martlet_2_fast" f
        LEFT JOIN "martlet_2_again" c ON c.e = f.e AND c.t = f.t) r
      JOIN "martlet_2_point" p ON p.e = r.e AND p.t = r.t) base) derived) "v0" ON "v0".e = "k"."e0" AND "v0".t = "k"."t0";
