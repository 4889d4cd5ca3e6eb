CREATE TEMPORARY TABLE "martlet_1_e0" AS
SELECT ROW_NUMBER() OVER (ORDER BY "key__0", "key__1") - 1 AS e, "key__0", "key__1"
FROM (
  SELECT DISTINCT "site_id" AS "key__0", "channel" AS "key__1"
  FROM "spine") entities;

CREATE TEMPORARY TABLE "martlet_1_keyed" AS
SELECT s.spine_row AS spine_row, "s"."spine__us" AS us, "e0"."e" AS "e0", (CAST("s"."spine__us" - 0 AS BIGINT) // 86400000000 - CASE WHEN CAST("s"."spine__us" - 0 AS BIGINT) % 86400000000 < 0 THEN 1 ELSE 0 END) * 86400000000 AS "t0"
FROM "spine" s
JOIN "martlet_1_e0" "e0" ON "e0"."key__0" = "s"."site_id" AND "e0"."key__1" = "s"."channel";

SELECT s.spine_row AS spine_row, "s"."site_id", "s"."channel", "s"."at", "v0"."n_7d" AS "golden__n_7d", "v0"."kwh_1d" AS "golden__kwh_1d", "v0"."kwh_28d" AS "golden__kwh_28d", "v0"."reads_7d" AS "golden__reads_7d", "v0"."cost_7d" AS "golden__cost_7d"
FROM "spine" s
JOIN "martlet_1_keyed" k ON k.spine_row = s.spine_row
LEFT JOIN "features"."golden" "v0" ON "v0"."site_id" = "s"."site_id" AND "v0"."channel" = "s"."channel" AND "v0".feature_time = make_timestamp(CAST("k"."t0" AS BIGINT));
