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

CREATE TEMPORARY TABLE "martlet_2_tile" AS
SELECT e, j, CAST(GET(ARRAY_AGG("x0") WITHIN GROUP (ORDER BY "us" DESC NULLS LAST, "sequence" DESC NULLS LAST, "x0" DESC NULLS LAST), 0) AS TIMESTAMP_NTZ(6)) AS "x0_newest"
FROM (
  SELECT *, us - 1711886400000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1, 1711670400000000) AS j
  FROM (
    SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."ts" AS "x0"
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
GROUP BY e, j;

CREATE TEMPORARY TABLE "martlet_2_log" AS
SELECT e, edge, j, COUNT("x0") AS "x0_count", SUM("x1_units") AS "x1_units", SUM("x2") AS "x2_sum", SUM("x3") AS "x3_sum", CAST(GET(ARRAY_AGG("x4") WITHIN GROUP (ORDER BY "us" DESC NULLS LAST, "sequence" DESC NULLS LAST, "x4" DESC NULLS LAST), 0) AS VARCHAR) AS "x4_newest", MAX(CASE WHEN "x4" IS NOT NULL THEN "us" END) AS "x4_newestTime", SUM("x1_counted") AS "x1_counted", MAX(CASE WHEN "x4" IS NOT NULL THEN "x4_rank" END) AS "x4_newestRank"
FROM (
  SELECT v.*, edges.edge AS edge, GREATEST_IGNORE_NULLS(CASE WHEN edges.edge = 300000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 5000000) + 5000000, 5000000)) / 5000000 AS NUMBER(19, 0)) + 1) * 5000000 + edges.edge WHEN edges.edge = 3600000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 60000000) + 60000000, 60000000)) / 60000000 AS NUMBER(19, 0)) + 1) * 60000000 + edges.edge WHEN edges.edge = 2592000000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 43200000000) + 43200000000, 43200000000)) / 43200000000 AS NUMBER(19, 0)) + 1) * 43200000000 + edges.edge WHEN edges.edge = 86400000000 THEN (CAST((v.own_j - 1 - MOD(MOD(v.own_j - 1, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) + 1) * 1800000000 + edges.edge ELSE v.own_j + edges.edge END, 1711670400000000) AS j
  FROM (
    SELECT v.*, us - 1711886400000000 AS tau, CAST((us - MOD(MOD(us, 1) + 1, 1)) / 1 AS NUMBER(19, 0)) + 1 AS own_j, ROW_NUMBER() OVER (PARTITION BY e ORDER BY us, sequence NULLS FIRST, "x4" NULLS FIRST) AS "x4_rank"
    FROM (
      SELECT x.*, CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END AS "x1_fit", CAST(CASE WHEN ABS("x1") < 274877906944 AND ("x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) OR ABS("x1") >= CAST(1 AS DOUBLE) / 134217728) THEN "x1" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x1_units", CASE WHEN ABS("x1") < 274877906944 AND "x1" * 1152921504606846976 = FLOOR("x1" * 1152921504606846976) THEN 1 WHEN ABS("x1") < 274877906944 AND ABS("x1") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x1" IS NOT NULL THEN 140737488355329 END AS "x1_counted"
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1", CASE WHEN ("f"."tariff" = CAST('peak' AS VARCHAR)) THEN "f"."cost" END AS "x2", CASE WHEN ("f"."tariff" = CAST('off' AS VARCHAR)) THEN "f"."cost" END AS "x3", "f"."tariff" AS "x4"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v) v
  CROSS JOIN (
    SELECT CAST(0 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(3600000000 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(2592000000000 AS NUMBER(19, 0)) AS edge
    UNION ALL
    SELECT CAST(86400000000 AS NUMBER(19, 0)) AS edge) edges) entered
WHERE j <= 1712102400000000
GROUP BY e, edge, j;

CREATE TEMPORARY TABLE "martlet_2_fast" AS
SELECT l.e AS e, l.t AS t, "m0"."n_5m" AS "n_5m", "m0"."n_1h" AS "n_1h", "m0"."kwh_1h" AS "kwh_1h", "m0"."kwh_30d" AS "kwh_30d", "m0"."cost_peak_24h" AS "cost_peak_24h", "m0"."cost_off_24h" AS "cost_off_24h", "m1"."peak_24h" AS "peak_24h", "m1"."spread_24h" AS "spread_24h", "l"."newest" AS "newest", "m0"."tariff_24h" AS "tariff_24h", COALESCE(("m0"."row__doubt") OR ("m1"."row__doubt"), FALSE) AS "row__doubt"
FROM (
  SELECT a.e AS e, a.t AS t, "x0_newest_at0" AS "newest"
  FROM (
    SELECT b.*
    FROM (
      SELECT *, (j * 1) AS t
      FROM (
        SELECT e, CAST((z - MOD(MOD(z, 2) + 2, 2)) / 2 AS NUMBER(19, 0)) + edge AS j, MAX(CASE WHEN edge = 0 THEN "x0_newest_at0" END) AS "x0_newest_at0"
        FROM (
          SELECT e, z, edge, SUM(present) OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, LAST_VALUE("x0_newest") IGNORE NULLS OVER (PARTITION BY e ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_newest_at0"
          FROM (
            SELECT e, 2 * j AS z, CAST(NULL AS NUMBER(19, 0)) AS edge, 1 AS present, "x0_newest"
            FROM (
              SELECT *
              FROM "martlet_2_tile") tiles
            UNION ALL
            SELECT p.e, 2 * (p.j - o.edge) + 1, o.edge, 0, NULL
            FROM (
              SELECT DISTINCT e, j
              FROM "martlet_2_point") p
            CROSS JOIN (
              SELECT CAST(0 AS NUMBER(19, 0)) AS edge) o) u) m
        WHERE edge IS NOT NULL
        GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) rows_) b
    JOIN "martlet_2_point" p ON p.e = b.e AND p.j = b.j) a) l
JOIN (
  SELECT e, t, "x0_count_over300000000_0" AS "n_5m", "x0_count_over3600000000_0" AS "n_1h", "x1_total_over3600000000_0" AS "kwh_1h", "x1_total_over2592000000000_0" AS "kwh_30d", "x2_sum_over86400000000_0" AS "cost_peak_24h", "x3_sum_over86400000000_0" AS "cost_off_24h", CASE WHEN "x4_newestTime_at0" >= (CAST((t - 86400000000 - MOD(MOD(t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000) THEN "x4_newest_at0" END AS "tariff_24h", COALESCE(("x1_rough_over3600000000_0") OR ("x1_rough_over2592000000000_0"), FALSE) AS "row__doubt"
  FROM (
    SELECT a.*, (CAST("x1_units_over3600000000_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_over3600000000_0", (CAST("x1_units_over2592000000000_0" AS DOUBLE) / 1152921504606846976) AS "x1_total_over2592000000000_0", ("x1_counted_over3600000000_0" >= 2147483648 AND ("x1_counted_over3600000000_0" >= 140737488355328 OR ABS(CAST("x1_units_over3600000000_0" AS DOUBLE)) < CAST("x1_counted_over3600000000_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_over3600000000_0", ("x1_counted_over2592000000000_0" >= 2147483648 AND ("x1_counted_over2592000000000_0" >= 140737488355328 OR ABS(CAST("x1_units_over2592000000000_0" AS DOUBLE)) < CAST("x1_counted_over2592000000000_0" AS DOUBLE) / 2147483648 * 10000000000)) AS "x1_rough_over2592000000000_0"
    FROM (
      SELECT a.*, (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at300000000", 0)) AS "x0_count_over300000000_0", (COALESCE("x0_count_at0", 0) - COALESCE("x0_count_at3600000000", 0)) AS "x0_count_over3600000000_0", (COALESCE("x1_units_at0", 0) - COALESCE("x1_units_at3600000000", 0)) AS "x1_units_over3600000000_0", (COALESCE("x1_units_at0", 0) - COALESCE("x1_units_at2592000000000", 0)) AS "x1_units_over2592000000000_0", (COALESCE("x2_sum_at0", 0) - COALESCE("x2_sum_at86400000000", 0)) AS "x2_sum_over86400000000_0", (COALESCE("x3_sum_at0", 0) - COALESCE("x3_sum_at86400000000", 0)) AS "x3_sum_over86400000000_0", (COALESCE("x1_counted_at0", 0) - COALESCE("x1_counted_at3600000000", 0)) AS "x1_counted_over3600000000_0", (COALESCE("x1_counted_at0", 0) - COALESCE("x1_counted_at2592000000000", 0)) AS "x1_counted_over2592000000000_0"
      FROM (
        SELECT *, (j * 1) AS t
        FROM (
          SELECT e, CAST((z - MOD(MOD(z, 2) + 2, 2)) / 2 AS NUMBER(19, 0)) AS j, MAX(CASE WHEN edge = 0 THEN "x0_count" END) AS "x0_count_at0", MAX(CASE WHEN edge = 300000000 THEN "x0_count" END) AS "x0_count_at300000000", MAX(CASE WHEN edge = 3600000000 THEN "x0_count" END) AS "x0_count_at3600000000", MAX(CASE WHEN edge = 0 THEN "x1_units" END) AS "x1_units_at0", MAX(CASE WHEN edge = 3600000000 THEN "x1_units" END) AS "x1_units_at3600000000", MAX(CASE WHEN edge = 2592000000000 THEN "x1_units" END) AS "x1_units_at2592000000000", MAX(CASE WHEN edge = 0 THEN "x2_sum" END) AS "x2_sum_at0", MAX(CASE WHEN edge = 86400000000 THEN "x2_sum" END) AS "x2_sum_at86400000000", MAX(CASE WHEN edge = 0 THEN "x3_sum" END) AS "x3_sum_at0", MAX(CASE WHEN edge = 86400000000 THEN "x3_sum" END) AS "x3_sum_at86400000000", MAX(CASE WHEN edge = 0 THEN "x4_newest" END) AS "x4_newest_at0", MAX(CASE WHEN edge = 0 THEN "x4_newestTime" END) AS "x4_newestTime_at0", MAX(CASE WHEN edge = 0 THEN "x1_counted" END) AS "x1_counted_at0", MAX(CASE WHEN edge = 3600000000 THEN "x1_counted" END) AS "x1_counted_at3600000000", MAX(CASE WHEN edge = 2592000000000 THEN "x1_counted" END) AS "x1_counted_at2592000000000"
          FROM (
            SELECT e, edge, z, z % 2 <> 0 AS is_point, SUM(entries) OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS presence, SUM("x0_count") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x0_count", SUM("x1_units") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_units", SUM("x2_sum") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x2_sum", SUM("x3_sum") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x3_sum", LAST_VALUE("x4_newest") IGNORE NULLS OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x4_newest", MAX("x4_newestTime") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x4_newestTime", SUM("x1_counted") OVER (PARTITION BY e, edge ORDER BY z ROWS UNBOUNDED PRECEDING) AS "x1_counted"
            FROM (
              SELECT e, edge, 2 * j AS z, 1 AS entries, "x0_count" AS "x0_count", "x1_units" AS "x1_units", "x2_sum" AS "x2_sum", "x3_sum" AS "x3_sum", CASE WHEN "x4_newestRank" = MAX("x4_newestRank") OVER (PARTITION BY e, edge ORDER BY j ROWS UNBOUNDED PRECEDING) THEN "x4_newest" END AS "x4_newest", "x4_newestTime" AS "x4_newestTime", "x1_counted" AS "x1_counted"
              FROM (
                SELECT *
                FROM "martlet_2_log") logs
              UNION ALL
              SELECT p.e, edges.edge, 2 * p.j + 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL
              FROM "martlet_2_point" p
              CROSS JOIN (
                SELECT CAST(0 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(300000000 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(3600000000 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(2592000000000 AS NUMBER(19, 0)) AS edge
                UNION ALL
                SELECT CAST(86400000000 AS NUMBER(19, 0)) AS edge) edges) u) m
          WHERE is_point
          GROUP BY 1, 2 HAVING MAX(CASE WHEN edge = 0 THEN presence END) > 0) found) a) a) a) "m0" ON "m0"."e" = l.e AND "m0"."t" = l.t
LEFT JOIN (
  SELECT p.e AS e, p.t AS t, MAX(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END) AS "peak_24h", SQRT(CASE WHEN (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END) > 1 THEN CASE WHEN MIN(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END) = MAX(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END) THEN 0 ELSE (VAR_POP(CAST(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_fit" END AS DOUBLE)) * (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END)) / ((CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END) - 1) END END) AS "spread_24h", COALESCE(((SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END) >= 140737488355328 OR ((CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END) > 1 AND NOT (MIN(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END) = MAX(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END)) AND ABS((VAR_POP(CAST(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_fit" END AS DOUBLE)) * (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END))) * CAST(7500000 AS DOUBLE) < (24 + 2 * (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END)) * SQRT((VAR_POP(CAST(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_fit" END AS DOUBLE)) * (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END)) * ((VAR_POP(CAST(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_fit" END AS DOUBLE)) * (CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END)) + CAST(COALESCE((CAST(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_units" END) AS DOUBLE) / 1152921504606846976), 0) AS DOUBLE) * CAST(COALESCE((CAST(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_units" END) AS DOUBLE) / 1152921504606846976), 0) AS DOUBLE) / NULLIF((CASE WHEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) < 2147483648 THEN COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) ELSE COALESCE(SUM(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0_counted" END), 0) % 2147483648 END), 0)))))), FALSE) AS "row__doubt"
  FROM (
    SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 44100000000) + 44100000000, 44100000000)) / 44100000000 AS NUMBER(19, 0)) - backs.back AS stretch
    FROM "martlet_2_point" p
    CROSS JOIN (
      SELECT CAST(0 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(1 AS NUMBER(19, 0)) AS back
      UNION ALL
      SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
  JOIN (
    SELECT v.*, CAST((v.us - MOD(MOD(v.us, 44100000000) + 44100000000, 44100000000)) / 44100000000 AS NUMBER(19, 0)) AS stretch
    FROM (
      SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
      FROM (
        SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
        FROM (
          SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
          FROM "mart"."usage") f
        JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
        WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
    WHERE v.us >= 1711582200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 88200000000
  GROUP BY p.e, p.t) "m1" ON "m1"."e" = l.e AND "m1"."t" = l.t;

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
      SELECT p.e AS e, p.t AS t, k.k AS k, CASE WHEN k.k = 0 THEN CAST(CASE WHEN v.us >= CAST((p.t - 3600000000 - MOD(MOD(p.t - 3600000000, 60000000) + 60000000, 60000000)) / 60000000 AS NUMBER(19, 0)) * 60000000 THEN "v"."x0" END AS DOUBLE) WHEN k.k = 1 THEN CAST(CASE WHEN v.us >= CAST((p.t - 2592000000000 - MOD(MOD(p.t - 2592000000000, 43200000000) + 43200000000, 43200000000)) / 43200000000 AS NUMBER(19, 0)) * 43200000000 THEN "v"."x0" END AS DOUBLE) WHEN k.k = 2 THEN CAST(CASE WHEN v.us >= CAST((p.t - 86400000000 - MOD(MOD(p.t - 86400000000, 1800000000) + 1800000000, 1800000000)) / 1800000000 AS NUMBER(19, 0)) * 1800000000 THEN "v"."x0" END AS DOUBLE) END AS "x", CASE WHEN k.k = 0 THEN CAST(NULL AS DOUBLE) WHEN k.k = 1 THEN CAST(NULL AS DOUBLE) WHEN k.k = 2 THEN CAST(NULL AS DOUBLE) END AS "y", CASE WHEN k.k = 0 THEN CAST(NULL AS NUMBER(19, 0)) WHEN k.k = 1 THEN CAST(NULL AS NUMBER(19, 0)) WHEN k.k = 2 THEN CAST(NULL AS NUMBER(19, 0)) END AS "us"
      FROM (
        SELECT p.e AS e, p.t AS t, CAST((p.t - MOD(MOD(p.t, 1317600000000) + 1317600000000, 1317600000000)) / 1317600000000 AS NUMBER(19, 0)) - backs.back AS stretch
        FROM "martlet_2_doubt_point" p
        CROSS JOIN (
          SELECT CAST(0 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(1 AS NUMBER(19, 0)) AS back
          UNION ALL
          SELECT CAST(2 AS NUMBER(19, 0)) AS back) backs) p
      JOIN (
        SELECT v.*, CAST((v.us - MOD(MOD(v.us, 1317600000000) + 1317600000000, 1317600000000)) / 1317600000000 AS NUMBER(19, 0)) AS stretch
        FROM (
          SELECT x.*, CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END AS "x0_fit", CAST(CASE WHEN ABS("x0") < 274877906944 AND ("x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) OR ABS("x0") >= CAST(1 AS DOUBLE) / 134217728) THEN "x0" END * 1152921504606846976 AS NUMBER(38, 0)) AS "x0_units", CASE WHEN ABS("x0") < 274877906944 AND "x0" * 1152921504606846976 = FLOOR("x0" * 1152921504606846976) THEN 1 WHEN ABS("x0") < 274877906944 AND ABS("x0") >= CAST(1 AS DOUBLE) / 134217728 THEN 2147483649 WHEN "x0" IS NOT NULL THEN 140737488355329 END AS "x0_counted"
          FROM (
            SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, "f"."kwh" AS "x0"
            FROM (
              SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
              FROM "mart"."usage") f
            JOIN "martlet_2_doubt_entity" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
            WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) x) v
        WHERE v.us >= 1709035200000000) v ON v.e = p.e AND v.stretch = p.stretch AND v.us < p.t AND v.us >= p.t - 2635200000000
      CROSS JOIN (
        SELECT CAST(0 AS NUMBER(19, 0)) AS k
        UNION ALL
        SELECT CAST(1 AS NUMBER(19, 0)) AS k
        UNION ALL
        SELECT CAST(2 AS NUMBER(19, 0)) AS k) k) pairs
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
SELECT p.e AS e, p.t AS t, CASE WHEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_0" IS NULL THEN 0 ELSE "s"."part_0" END AS DOUBLE) END AS "kwh_1h", CASE WHEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST(CASE WHEN "s"."count_1" IS NULL THEN 0 ELSE "s"."part_1" END AS DOUBLE) END AS "kwh_30d", CASE WHEN CAST("s"."part_2" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("s"."part_2" AS DOUBLE) END AS "spread_24h"
FROM "martlet_2_doubt_point" p
LEFT JOIN (
  SELECT e, t, MAX(CASE WHEN k = 0 THEN CASE WHEN CAST("careful_sum" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_0", MAX(CASE WHEN k = 1 THEN CASE WHEN CAST("careful_sum" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("careful_sum" AS DOUBLE) END END) AS "part_1", MAX(CASE WHEN k = 2 THEN CASE WHEN CAST((SQRT(CASE WHEN "careful_count" < 2 THEN NULL WHEN "careful_reach" = 0 THEN 0 ELSE "careful_spread" / ("careful_count" - 1) END) * "careful_reach") AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST((SQRT(CASE WHEN "careful_count" < 2 THEN NULL WHEN "careful_reach" = 0 THEN 0 ELSE "careful_spread" / ("careful_count" - 1) END) * "careful_reach") AS DOUBLE) END END) AS "part_2", MAX(CASE WHEN k = 0 THEN "careful_count" END) AS "count_0", MAX(CASE WHEN k = 1 THEN "careful_count" END) AS "count_1", MAX(CASE WHEN k = 2 THEN "careful_count" END) AS "count_2"
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

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_5m" AS "velocity__n_5m", "v0"."n_1h" AS "velocity__n_1h", "v0"."kwh_1h" AS "velocity__kwh_1h", "v0"."kwh_30d" AS "velocity__kwh_30d", "v0"."cost_peak_24h" AS "velocity__cost_peak_24h", "v0"."cost_off_24h" AS "velocity__cost_off_24h", "v0"."peak_24h" AS "velocity__peak_24h", "v0"."spread_24h" AS "velocity__spread_24h", "v0"."newest" AS "velocity__newest", "v0"."tariff_24h" AS "velocity__tariff_24h", "v0"."since" AS "velocity__since", "v0"."burst" AS "velocity__burst"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT *, CASE WHEN CAST((CAST("n_5m" AS DOUBLE) / NULLIF(CAST("n_1h" AS DOUBLE), 0)) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST((CAST("n_5m" AS DOUBLE) / NULLIF(CAST("n_1h" AS DOUBLE), 0)) AS DOUBLE) END AS "burst"
  FROM (
    SELECT *, CASE WHEN CAST((CAST((DATE_PART(EPOCH_MICROSECOND, CAST(TO_TIMESTAMP_NTZ(CAST(t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))) - DATE_PART(EPOCH_MICROSECOND, "newest")) AS DOUBLE) / 86400000000) AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST((CAST((DATE_PART(EPOCH_MICROSECOND, CAST(TO_TIMESTAMP_NTZ(CAST(t AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))) - DATE_PART(EPOCH_MICROSECOND, "newest")) AS DOUBLE) / 86400000000) AS DOUBLE) END AS "since"
    FROM (
      SELECT e, t, CAST("n_5m" AS NUMBER(19, 0)) AS "n_5m", CAST("n_1h" AS NUMBER(19, 0)) AS "n_1h", CAST("kwh_1h" AS DOUBLE) AS "kwh_1h", CAST("kwh_30d" AS DOUBLE) AS "kwh_30d", CAST("cost_peak_24h" AS NUMBER(38, 2)) AS "cost_peak_24h", CAST("cost_off_24h" AS NUMBER(38, 2)) AS "cost_off_24h", CAST("peak_24h" AS DOUBLE) AS "peak_24h", CAST("spread_24h" AS DOUBLE) AS "spread_24h", CAST("newest" AS TIMESTAMP_NTZ(6)) AS "newest", CAST("tariff_24h" AS VARCHAR) AS "tariff_24h"
      FROM (
        SELECT f.e AS e, f.t AS t, f."n_5m" AS "n_5m", f."n_1h" AS "n_1h", CASE WHEN f."row__doubt" THEN c."kwh_1h" ELSE f."kwh_1h" END AS "kwh_1h", CASE WHEN f."row__doubt" THEN c."kwh_30d" ELSE f."kwh_30d" END AS "kwh_30d", f."cost_peak_24h" AS "cost_peak_24h", f."cost_off_24h" AS "cost_off_24h", f."peak_24h" AS "peak_24h", CASE WHEN f."row__doubt" THEN c."spread_24h" ELSE f."spread_24h" END AS "spread_24h", f."newest" AS "newest", f."tariff_24h" AS "tariff_24h"
        FROM "martlet_2_fast" f
        LEFT JOIN "martlet_2_again" c ON c.e = f.e AND c.t = f.t) base) derived) derived) "v0" ON "v0".e = "k"."e0" AND "v0".t = "k"."t0";
