CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", CAST(("s"."spine__us" - 0 - MOD(MOD("s"."spine__us" - 0, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) * 86400000000 AS "t0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

CREATE TEMPORARY TABLE "martlet_2_tile" AS
SELECT e, j, COUNT("x0") AS "x0_count", COUNT(CASE WHEN "x1" <> 0 THEN 1 END) AS "x1_nonzero", SUM("x1") AS "x1_sum", SUM("x2") AS "x2_sum", SUM("x3") AS "x3_sum"
FROM (
  SELECT *, us - 1711886400000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19783) AS j
  FROM (
    SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", "f"."reads" AS "x2", "f"."cost" AS "x3"
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
GROUP BY e, j;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_7d" AS "golden__n_7d", "v0"."kwh_1d" AS "golden__kwh_1d", "v0"."kwh_28d" AS "golden__kwh_28d", "v0"."reads_7d" AS "golden__reads_7d", "v0"."cost_7d" AS "golden__cost_7d"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT e, t, CAST("n_7d" AS NUMBER(19, 0)) AS "n_7d", CAST("kwh_1d" AS DOUBLE) AS "kwh_1d", CAST("kwh_28d" AS DOUBLE) AS "kwh_28d", CASE WHEN "reads_7d" >= -9223372036854775808 AND "reads_7d" <= 9223372036854775807 THEN CAST("reads_7d" AS NUMBER(19, 0)) END AS "reads_7d", CAST("cost_7d" AS NUMBER(38, 2)) AS "cost_7d"
  FROM (
    SELECT a.e AS e, a.t AS t, COALESCE((COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at7", 0)), 0) AS "n_7d", COALESCE(CASE WHEN (COALESCE("x1_nonzero_at0", 0) - COALESCE("x1_nonzero_at1", 0)) = 0 THEN 0 ELSE (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at1", 0)) END, 0) AS "kwh_1d", COALESCE(CASE WHEN (COALESCE("x1_nonzero_at0", 0) - COALESCE("x1_nonzero_at28", 0)) = 0 THEN 0 ELSE (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at28", 0)) END, 0) AS "kwh_28d", COALESCE((COALESCE("x2_sum_at0", 0) - COALESCE("x2_sum_at7", 0)), 0) AS "reads_7d", COALESCE((COALESCE("x3_sum_at0", 0) - COALESCE("x3_sum_at7", 0)), 0) AS "cost_7d"
    FROM (
      SELECT *, (j * 86400000000) AS t
      FROM (
        SELECT *
        FROM (
          SELECT e, j, "x0_count_run" AS "x0_count_at0", LAG("x0_count_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x0_count_at7", "x1_nonzero_run" AS "x1_nonzero_at0", LAG("x1_nonzero_run", 1) OVER (PARTITION BY e ORDER BY j) AS "x1_nonzero_at1", "x1_sum_run" AS "x1_sum_at0", LAG("x1_sum_run", 1) OVER (PARTITION BY e ORDER BY j) AS "x1_sum_at1", LAG("x1_nonzero_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x1_nonzero_at28", LAG("x1_sum_run", 28) OVER (PARTITION BY e ORDER BY j) AS "x1_sum_at28", "x2_sum_run" AS "x2_sum_at0", LAG("x2_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x2_sum_at7", "x3_sum_run" AS "x3_sum_at0", LAG("x3_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x3_sum_at7"
          FROM (
            SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run", "r"."x1_nonzero_run" AS "x1_nonzero_run", "r"."x1_sum_run" AS "x1_sum_run", "r"."x2_sum_run" AS "x2_sum_run", "r"."x3_sum_run" AS "x3_sum_run"
            FROM (
              SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run", SUM("x1_nonzero") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_nonzero_run", SUM("x1_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_sum_run", SUM("x2_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x2_sum_run", SUM("x3_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x3_sum_run"
              FROM (
                SELECT *
                FROM "martlet_2_tile") tiles) r, LATERAL (
              SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
              FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
        WHERE j >= 19811) boundaries) a) base) "v0" ON "v0".e = k."e0" AND "v0".t = k."t0";
