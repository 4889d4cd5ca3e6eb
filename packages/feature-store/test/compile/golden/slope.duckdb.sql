CREATE TEMPORARY TABLE "martlet_1_entity" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "key__0", "key__1"
  FROM (
    SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts"
    FROM "mart"."usage") f
  WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT)) AND "key__0" IS NOT NULL AND "key__1" IS NOT NULL) entities;

CREATE TEMPORARY TABLE "martlet_1_tile" AS
SELECT n.e AS e, h.j AS j, "h"."x0_counted", "h"."x0_tau", "h"."x0_tauSquared", "h"."x0_min", "h"."x0_max", "h"."x0_units", "h"."x0_spread", "h"."x0_cross"
FROM (
  SELECT "g"."key__0", "g"."key__1", j, SUM("x0_counted") AS "x0_counted", SUM(CASE WHEN "x0" IS NOT NULL THEN CAST("tau" AS HUGEINT) END) AS "x0_tau", SUM(CASE WHEN "x0" IS NOT NULL THEN CAST("tau" AS HUGEINT) * CAST("tau" AS HUGEINT) END) AS "x0_tauSquared", MIN("x0") AS "x0_min", MAX("x0") AS "x0_max", SUM("x0_units") AS "x0_units", VAR_POP(CAST("x0_fit" AS DOUBLE)) * COUNT(CAST("x0_fit" AS DOUBLE)) AS "x0_spread", COVAR_POP(CAST("x0_fit" AS DOUBLE), CAST("tau" AS DOUBLE)) * COUNT(CAST("x0_fit" AS DOUBLE)) AS "x0_cross"
  FROM (
    SELECT *, us - 1711843200000000 AS tau, greatest((CAST(us AS BIGINT) // 86400000000 - CASE WHEN CAST(us AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) + 1, 19782) AS j
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT "f"."key__0", "f"."key__1", epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v) g
  GROUP BY "g"."key__0", "g"."key__1", j) h
JOIN "martlet_1_entity" n ON "n"."key__0" = "h"."key__0" AND "n"."key__1" = "h"."key__1";

CREATE TEMPORARY TABLE "martlet_1_centre" AS
SELECT e, MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) AS "x0_centre", COALESCE(MAX(CASE WHEN j > 19782 THEN (CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END) END), 0) AS "x0_largest", CASE WHEN (COALESCE(MAX("x0_spread"), 0) + MAX((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END)) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))))) > 0 THEN (COALESCE(MAX("x0_spread"), 0) + MAX((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END)) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))))) / 1267650600228229401496703205376 ELSE 1 END AS "x0_square_unit", CASE WHEN (SQRT(COALESCE(MAX("x0_spread"), 0) * CAST(MAX("x0_tauSquared") AS DOUBLE)) + MAX((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END)) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) * MAX(ABS(CAST("x0_tau" AS DOUBLE) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) > 0 THEN (SQRT(COALESCE(MAX("x0_spread"), 0) * CAST(MAX("x0_tauSquared") AS DOUBLE)) + MAX((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END)) * greatest(MAX(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))), MEDIAN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0))) - MIN(((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) * MAX(ABS(CAST("x0_tau" AS DOUBLE) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)))) / 1267650600228229401496703205376 ELSE 1 END AS "x0_product_unit"
FROM "martlet_1_tile"
GROUP BY e;

CREATE TEMPORARY TABLE "martlet_1_fast" AS
SELECT a.e AS e, a.t AS t, CASE WHEN "x0_n_over28_0" < 2 OR "x0_times_over28_0" = 0 THEN NULL WHEN "x0_constant_over28_0" THEN 0 ELSE "x0_crossed_over28_0" / "x0_times_over28_0" * 86400000000 END AS "trend_28d", COALESCE((("x0_counted_over28_0" >= 140737488355328 OR ("x0_n_over28_0" > 1 AND NOT "x0_constant_over28_0" AND (ABS("x0_crossed_over28_0") * CAST(7500000 AS DOUBLE) < (24 + 2 * "x0_largest") * SQRT("x0_magnitude_over28_0" * CAST("x0_tauSquared_over28_0" AS DOUBLE)) OR ABS("x0_crossed_over28_0") * CAST(1e-10 AS DOUBLE) < "x0_n_over28_0" * ("x0_product_unit" + CAST(2e-18 AS DOUBLE) * SQRT(CAST("x0_tauSquared_over28_0" AS DOUBLE))))))), FALSE) AS "row__doubt"
FROM (
  SELECT a.*, (CAST("x0_products_over28_0" AS DOUBLE) * "x0_product_unit" - ("x0_n_over28_0" * ("x0_mean_over28_0" - "x0_centre")) * (CAST("x0_tau_over28_0" AS DOUBLE) / NULLIF(CAST("x0_n_over28_0" AS DOUBLE), 0))) AS "x0_crossed_over28_0", ("x0_squared_over28_0" + "x0_n_over28_0" * "x0_mean_over28_0" * "x0_mean_over28_0") AS "x0_magnitude_over28_0"
  FROM (
    SELECT a.*, (CAST(("x0_tauSquared_over28_0" - 2 * "x0_middle_over28_0" * "x0_tau_over28_0" + CAST("x0_n_over28_0" AS HUGEINT) * "x0_middle_over28_0" * "x0_middle_over28_0") AS DOUBLE) - CAST(("x0_tau_over28_0" - CAST("x0_n_over28_0" AS HUGEINT) * "x0_middle_over28_0") AS DOUBLE) * CAST(("x0_tau_over28_0" - CAST("x0_n_over28_0" AS HUGEINT) * "x0_middle_over28_0") AS DOUBLE) / NULLIF("x0_n_over28_0", 0)) AS "x0_times_over28_0", (CAST("x0_total_over28_0" AS DOUBLE) / NULLIF(CAST("x0_n_over28_0" AS DOUBLE), 0)) AS "x0_mean_over28_0"
    FROM (
      SELECT a.*, ("x0_tau_over28_0" // NULLIF(CAST("x0_n_over28_0" AS HUGEINT), 0)) AS "x0_middle_over28_0", (CAST("x0_units_over28_0" AS DOUBLE) / 1152921504606846976) AS "x0_total_over28_0", (CAST("x0_squares_over28_0" AS DOUBLE) * "x0_square_unit") AS "x0_squared_over28_0"
      FROM (
        SELECT a.*, CASE WHEN "x0_counted_over28_0" < 2147483648 THEN "x0_counted_over28_0" ELSE "x0_counted_over28_0" % 2147483648 END AS "x0_n_over28_0"
        FROM (
          SELECT a.*, (COALESCE("x0_counted_at0", 0) - COALESCE("x0_counted_at28", 0)) AS "x0_counted_over28_0", (COALESCE("x0_tau_at0", 0) - COALESCE("x0_tau_at28", 0)) AS "x0_tau_over28_0", (COALESCE("x0_tauSquared_at0", 0) - COALESCE("x0_tauSquared_at28", 0)) AS "x0_tauSquared_over28_0", COALESCE("x0_changed_at0" <= a.j - 28, TRUE) AS "x0_constant_over28_0", (COALESCE("x0_units_at0", 0) - COALESCE("x0_units_at28", 0)) AS "x0_units_over28_0", (COALESCE("x0_products_at0", 0) - COALESCE("x0_products_at28", 0)) AS "x0_products_over28_0", (COALESCE("x0_squares_at0", 0) - COALESCE("x0_squares_at28", 0)) AS "x0_squares_over28_0"
          FROM (
            SELECT b.*, "c"."x0_centre", "c"."x0_largest", "c"."x0_square_unit", "c"."x0_product_unit"
            FROM (
              SELECT *, (j * 86400000000) AS t
              FROM (
                SELECT *
                FROM (
                  SELECT e, j, "x0_counted_run" AS "x0_counted_at0", LAG("x0_counted_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_counted_at28", "x0_tau_run" AS "x0_tau_at0", LAG("x0_tau_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_tau_at28", "x0_tauSquared_run" AS "x0_tauSquared_at0", LAG("x0_tauSquared_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_tauSquared_at28", "x0_changed_run" AS "x0_changed_at0", "x0_units_run" AS "x0_units_at0", LAG("x0_units_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_units_at28", "x0_products_run" AS "x0_products_at0", LAG("x0_products_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_products_at28", "x0_squares_run" AS "x0_squares_at0", LAG("x0_squares_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x0_squares_at28"
                  FROM (
                    SELECT r.e AS e, s.j AS j, "r"."x0_counted_run" AS "x0_counted_run", "r"."x0_tau_run" AS "x0_tau_run", "r"."x0_tauSquared_run" AS "x0_tauSquared_run", "r"."x0_changed_run" AS "x0_changed_run", "r"."x0_units_run" AS "x0_units_run", "r"."x0_products_run" AS "x0_products_run", "r"."x0_squares_run" AS "x0_squares_run"
                    FROM (
                      SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_counted") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_counted_run", SUM("x0_tau") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_tau_run", SUM("x0_tauSquared") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_tauSquared_run", MAX("x0_changed") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_changed_run", SUM("x0_units") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_units_run", SUM("x0_products") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_products_run", SUM("x0_squares") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_squares_run"
                      FROM (
                        SELECT d.*, CASE WHEN "x0_min" < "x0_max" THEN j WHEN "x0_max" = "x0_previous_max" OR "x0_max" IS NULL THEN NULL ELSE "x0_previous_j" END AS "x0_changed", CAST(CAST(("x0_cross" + (((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)) - "x0_centre") * CAST("x0_tau" AS DOUBLE)) / "x0_product_unit" AS DOUBLE) AS HUGEINT) AS "x0_products", CAST(CAST(("x0_spread" + (CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END) * (((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)) - "x0_centre") * (((CAST("x0_units" AS DOUBLE) / 1152921504606846976) / NULLIF((CASE WHEN "x0_counted" < 2147483648 THEN "x0_counted" ELSE "x0_counted" % 2147483648 END), 0)) - "x0_centre")) / "x0_square_unit" AS DOUBLE) AS HUGEINT) AS "x0_squares"
                        FROM (
                          SELECT tile.*, "c"."x0_centre", "c"."x0_largest", "c"."x0_square_unit", "c"."x0_product_unit", LAG("tile"."x0_max") OVER (PARTITION BY tile.e ORDER BY tile.j) AS "x0_previous_max", LAG(tile.j) OVER (PARTITION BY tile.e ORDER BY tile.j) AS "x0_previous_j"
                          FROM "martlet_1_tile" tile
                          JOIN "martlet_1_centre" c ON c.e = tile.e) d) tiles) r, UNNEST(range(CAST(r.tile AS BIGINT), CAST(r.next_tile AS BIGINT))) AS "s"("j")) dense) looked_up
                WHERE j >= 19810) rows_) b
            JOIN "martlet_1_centre" c ON c.e = b.e) a) a) a) a) a) a;

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
    SELECT e, t, k, x, CASE WHEN us IS NULL THEN y ELSE CAST(us - MIN(us) OVER (PARTITION BY e, t, k) AS DOUBLE) END AS y
    FROM (
      SELECT *
      FROM (
        SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= p.t - 2419200000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN v.us END AS "us"
        FROM (
          SELECT p.e AS e, p.t AS t, (CAST(p.t AS BIGINT) // 1209600000000 - CASE WHEN CAST(p.t AS BIGINT) % 1209600000000 < 0 THEN 1 ELSE 0 END) - backs.back AS stretch
          FROM "martlet_1_doubt_point" p
          CROSS JOIN (
            SELECT CAST(0 AS BIGINT) AS back
            UNION ALL
            SELECT CAST(1 AS BIGINT) AS back
            UNION ALL
            SELECT CAST(2 AS BIGINT) AS back) backs) p
        JOIN (
          SELECT v.*, (CAST(v.us AS BIGINT) // 1209600000000 - CASE WHEN CAST(v.us AS BIGINT) % 1209600000000 < 0 THEN 1 ELSE 0 END) AS stretch
          FROM (
            SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS HUGEINT) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
            FROM (
              SELECT n.e AS e, epoch_us("f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", TRY_CAST("channel" AS BIGINT) AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", TRY_CAST("channel" AS BIGINT) AS "channel", CASE WHEN TRY_CAST("ts" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("ts" AS TIMESTAMP) END AS "ts", CASE WHEN TRY_CAST("loaded_at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("loaded_at" AS TIMESTAMP) END AS "loaded_at", TRY_CAST("seq" AS BIGINT) AS "seq", CASE WHEN isfinite(CAST("kwh" AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", TRY_CAST("reads" AS BIGINT) AS "reads", TRY_CAST("cost" AS DECIMAL(12, 2)) AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
                FROM "mart"."usage") f
              JOIN "martlet_1_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
              WHERE "f"."ts" < make_timestamp(CAST(1712102400000000 AS BIGINT))) x) v
          WHERE v.us >= 1709164800000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 2419200000000
        CROSS JOIN (
          SELECT CAST(0 AS BIGINT) AS k) k) pairs
      WHERE x IS NOT NULL) timed) r) sized;

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
SELECT p.e AS e, p.t AS t, CASE WHEN isfinite(CAST("s"."part_0" AS DOUBLE)) THEN CAST("s"."part_0" AS DOUBLE) END AS "trend_28d"
FROM "martlet_1_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN isfinite(CAST(CASE WHEN "careful_otherreach" = 0 THEN NULL WHEN "careful_reach" = 0 THEN 0 ELSE "careful_products" / "careful_otherspread" * ("careful_reach" / "careful_otherreach") * 86400000000 END AS DOUBLE)) THEN CAST(CASE WHEN "careful_otherreach" = 0 THEN NULL WHEN "careful_reach" = 0 THEN 0 ELSE "careful_products" / "careful_otherspread" * ("careful_reach" / "careful_otherreach") * 86400000000 END AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0"
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

SELECT "n"."key__0" AS "site_id", "n"."key__1" AS "channel", make_timestamp(CAST(v.t AS BIGINT)) AS feature_time, "v"."trend_28d"
FROM (
  SELECT e, t, CAST("trend_28d" AS DOUBLE) AS "trend_28d"
  FROM (
    SELECT f.e AS e, f.t AS t, CASE WHEN f."row__doubt" THEN c."trend_28d" ELSE f."trend_28d" END AS "trend_28d"
    FROM "martlet_1_fast" f
    LEFT JOIN "martlet_1_again" c ON c.e = f.e AND c.t = f.t) base) v
JOIN "martlet_1_entity" n ON n.e = v.e;
