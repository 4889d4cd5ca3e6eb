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
SELECT e, j, COUNT("x0") AS "x0_count", COUNT(CASE WHEN "x1" <> 0 THEN 1 END) AS "x1_nonzero", SUM("x1") AS "x1_sum"
FROM (
  SELECT *, us - 1711886400000000 AS tau, GREATEST_IGNORE_NULLS(CAST((us - MOD(MOD(us, 86400000000) + 86400000000, 86400000000)) / 86400000000 AS NUMBER(19, 0)) + 1, 19804) AS j
  FROM (
    SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "f"."ts") AS us, 0 AS sequence, 1 AS "x0", "f"."kwh" AS "x1"
    FROM (
      SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST(CONVERT_TIMEZONE('UTC', "ts") AS TIMESTAMP_NTZ(6)) AS "ts", CAST(CONVERT_TIMEZONE('UTC', "loaded_at") AS TIMESTAMP_NTZ(6)) AS "loaded_at", CASE WHEN "seq" >= -9223372036854775808 AND "seq" <= 9223372036854775807 THEN CAST("seq" AS NUMBER(19, 0)) END AS "seq", CASE WHEN CAST("kwh" AS DOUBLE) NOT IN (CAST('NaN' AS DOUBLE), CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE)) THEN CAST("kwh" AS DOUBLE) END AS "kwh", CASE WHEN "reads" >= -9223372036854775808 AND "reads" <= 9223372036854775807 THEN CAST("reads" AS NUMBER(19, 0)) END AS "reads", CASE WHEN ABS(CAST("cost" AS DOUBLE)) < 1e10 THEN CAST("cost" AS NUMBER(12, 2)) END AS "cost", CAST("tariff" AS VARCHAR) AS "tariff", CAST("open" AS BOOLEAN) AS "open"
      FROM "mart"."usage") f
    JOIN "martlet_1_e0" n ON "n"."key__0" = "f"."key__0" AND "n"."key__1" = "f"."key__1"
    WHERE "f"."ts" < CAST(TO_TIMESTAMP_NTZ(1712102400000000, 6) AS TIMESTAMP_NTZ(6))) v) g
GROUP BY e, j;

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."kwh_7d" AS "golden__kwh_7d"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN (
  SELECT e, t, CAST("kwh_7d" AS DOUBLE) AS "kwh_7d"
  FROM (
    SELECT p.e AS e, p.t AS t, COALESCE("w"."kwh_7d", 0) AS "kwh_7d"
    FROM (
      SELECT e, t
      FROM (
        SELECT r.*, (a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until)) AS "population__valid"
        FROM (
          SELECT e, t
          FROM "martlet_2_point") r
        ASOF JOIN (
          SELECT *
          FROM (WITH ranked AS (
              SELECT n.e AS e, DATE_PART(EPOCH_MICROSECOND, "d"."since") AS since, DATE_PART(EPOCH_MICROSECOND, "d"."until") AS until, ROW_NUMBER() OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS place, LEAD(DATE_PART(EPOCH_MICROSECOND, "d"."since")) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST) AS next_since, MAX(COALESCE(DATE_PART(EPOCH_MICROSECOND, "d"."until"), 9223372036854775807)) OVER (PARTITION BY n.e ORDER BY DATE_PART(EPOCH_MICROSECOND, "d"."since"), DATE_PART(EPOCH_MICROSECOND, "d"."until") NULLS LAST, "d"."region" NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach
              FROM (
                SELECT CAST("site_id" AS VARCHAR) AS "key__0", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "key__1", CAST("site_id" AS VARCHAR) AS "site_id", CASE WHEN "channel" >= -9223372036854775808 AND "channel" <= 9223372036854775807 THEN CAST("channel" AS NUMBER(19, 0)) END AS "channel", CAST("region" AS VARCHAR) AS "region", CAST(CONVERT_TIMEZONE('UTC', "since") AS TIMESTAMP_NTZ(6)) AS "since", CAST(CONVERT_TIMEZONE('UTC', "until") AS TIMESTAMP_NTZ(6)) AS "until"
                FROM "mart"."places") d
              JOIN "martlet_1_e0" n ON "n"."key__0" = "d"."key__0" AND "n"."key__1" = "d"."key__1"
              WHERE "d"."since" IS NOT NULL AND (DATE_PART(EPOCH_MICROSECOND, "d"."until") IS NULL OR DATE_PART(EPOCH_MICROSECOND, "d"."until") > DATE_PART(EPOCH_MICROSECOND, "d"."since"))) SELECT e, since, until FROM ranked WHERE next_since IS NULL OR next_since > since UNION ALL SELECT w.e, w.ended, k.until FROM (
              SELECT u.e AS e, u.ended AS ended, MAX(k.place) AS place
              FROM (
                SELECT DISTINCT e, until AS ended
                FROM ranked
                WHERE until < reach) u
              JOIN ranked k ON k.e = u.e AND k.since <= u.ended AND (k.until IS NULL OR k.until > u.ended)
              GROUP BY u.e, u.ended HAVING MAX(k.since) < u.ended) w JOIN ranked k ON k.e = w.e AND k.place = w.place) steps) a MATCH_CONDITION (r.t >= a.since) ON r.e = a.e) there
      WHERE "population__valid") p
    LEFT JOIN (
      SELECT a.e AS e, a.t AS t, COALESCE(CASE WHEN (COALESCE("x1_nonzero_at0", 0) - COALESCE("x1_nonzero_at7", 0)) = 0 THEN 0 ELSE (COALESCE("x1_sum_at0", 0) - COALESCE("x1_sum_at7", 0)) END, 0) AS "kwh_7d"
      FROM (
        SELECT *, (j * 86400000000) AS t
        FROM (
          SELECT *
          FROM (
            SELECT e, j, "x0_count_run" AS "x0_count_at0", "x1_nonzero_run" AS "x1_nonzero_at0", LAG("x1_nonzero_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_nonzero_at7", "x1_sum_run" AS "x1_sum_at0", LAG("x1_sum_run", 7) OVER (PARTITION BY e ORDER BY j) AS "x1_sum_at7"
            FROM (
              SELECT r.e AS e, s.j AS j, "r"."x0_count_run" AS "x0_count_run", "r"."x1_nonzero_run" AS "x1_nonzero_run", "r"."x1_sum_run" AS "x1_sum_run"
              FROM (
                SELECT e, j AS tile, LEAD(j, 1, 19817) OVER (PARTITION BY e ORDER BY j) AS next_tile, SUM("x0_count") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x0_count_run", SUM("x1_nonzero") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_nonzero_run", SUM("x1_sum") OVER (PARTITION BY e ORDER BY j ROWS UNBOUNDED PRECEDING) AS "x1_sum_run"
                FROM (
                  SELECT *
                  FROM "martlet_2_tile") tiles) r, LATERAL (
                SELECT CAST(VALUE AS NUMBER(19, 0)) AS "j"
                FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE(r.tile, r.next_tile)))) AS "s") dense) looked_up
          WHERE j >= 19811) boundaries) a) w ON w.e = p.e AND w.t = p.t) base) "v0" ON "v0".e = k."e0" AND "v0".t = k."t0";
