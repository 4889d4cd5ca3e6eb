SELECT COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) THEN 1 END) AS given, epoch_us(MAX(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) THEN "q"."loaded_at" END)) AS last, COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) AND ("q"."id" IS NULL OR "q"."updated_at" IS NULL OR "q"."loaded_at" IS NULL) THEN 1 END) AS rejected, COUNT(*) - COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) THEN 1 END) AS later, COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) AND "q"."id" IS NULL THEN 1 END) AS "lack_0", COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) AND "q"."updated_at" IS NULL THEN 1 END) AS "lack_1", COUNT(CASE WHEN ("q"."loaded_at" IS NULL OR "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT))) AND "q"."loaded_at" IS NULL THEN 1 END) AS "lack_2"
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."loaded_at" IS NULL OR "q"."loaded_at" >= make_timestamp(CAST(1767229200000000 AS BIGINT));

CREATE TEMPORARY TABLE "keys" AS SELECT "q"."id", MIN("q"."updated_at") AS "martlet_since"
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."id" IS NOT NULL AND "q"."updated_at" IS NOT NULL AND "q"."loaded_at" IS NOT NULL AND "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT)) AND "q"."loaded_at" >= make_timestamp(CAST(1767229200000000 AS BIGINT))
GROUP BY "q"."id";

SELECT "q"."id", MIN("q"."updated_at") AS "martlet_since"
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."id" IS NOT NULL AND "q"."updated_at" IS NOT NULL AND "q"."loaded_at" IS NOT NULL AND "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT)) AND NOT EXISTS (SELECT 1
FROM "keys" AS k
WHERE "k"."id" = "q"."id") AND NOT EXISTS (SELECT 1
FROM "mart"."dim_thing" AS t
WHERE "t"."id" = "q"."id" AND "t"."valid_to" IS NULL)
GROUP BY "q"."id";

CREATE TEMPORARY TABLE "vanished" AS SELECT "t"."id", "t"."valid_from" AS "martlet_since", CASE WHEN "t"."valid_from" > make_timestamp(CAST(1767236400000000 AS BIGINT)) THEN "t"."valid_from" ELSE make_timestamp(CAST(1767236400000000 AS BIGINT)) END AS martlet_ended
FROM "mart"."dim_thing" AS t
WHERE "t"."valid_to" IS NULL AND NOT EXISTS (SELECT 1
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."id" = "t"."id");

SELECT 1 AS found
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q LIMIT 1;

CREATE TEMPORARY TABLE "old" AS SELECT "t"."id", "t"."n", "t"."valid_from", "t"."valid_to"
FROM "mart"."dim_thing" AS t
JOIN "keys" AS k
ON "k"."id" = "t"."id"
LEFT JOIN (SELECT "b"."id", MAX("b"."valid_from") AS "martlet_since"
FROM "mart"."dim_thing" AS b
JOIN "keys" AS k
ON "k"."id" = "b"."id"
WHERE "b"."valid_from" < "k"."martlet_since"
GROUP BY "b"."id") AS p
ON "p"."id" = "t"."id"
WHERE "t"."valid_from" >= COALESCE("p"."martlet_since", "k"."martlet_since");

CREATE TEMPORARY TABLE "versions" AS SELECT "martlet_at", "id", "n"
FROM (SELECT "q"."updated_at" AS "martlet_at", "q"."id" AS "id", "q"."n" AS "n", ROW_NUMBER() OVER (PARTITION BY "q"."id", "q"."updated_at" ORDER BY "q"."loaded_at" DESC NULLS LAST, "q"."n" DESC NULLS LAST) AS martlet_place
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
JOIN "keys" AS k
ON "k"."id" = "q"."id"
WHERE "q"."id" IS NOT NULL AND "q"."updated_at" IS NOT NULL AND "q"."loaded_at" IS NOT NULL AND "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT)) AND "q"."updated_at" >= "k"."martlet_since") AS v
WHERE martlet_place = 1;

CREATE TEMPORARY TABLE "events" AS SELECT "v"."id", "v"."martlet_at" AS "martlet_at", 1 AS "martlet_rank", "v"."n"
FROM "versions" AS v
UNION ALL SELECT "o"."id", "o"."valid_from" AS "martlet_at", 1 AS "martlet_rank", "o"."n"
FROM "old" AS o
WHERE NOT EXISTS (SELECT 1
FROM "versions" AS v
WHERE "v"."id" = "o"."id" AND "v"."martlet_at" = "o"."valid_from")
UNION ALL SELECT "o"."id", "o"."valid_to" AS "martlet_at", 0 AS "martlet_rank", CAST(NULL AS INTEGER) AS "n"
FROM "old" AS o
WHERE "o"."valid_to" IS NOT NULL AND NOT EXISTS (SELECT 1
FROM "old" AS n
WHERE "n"."id" = "o"."id" AND "n"."valid_from" = "o"."valid_to") 
UNION ALL SELECT "g"."id", g.martlet_ended AS "martlet_at", 2 AS "martlet_rank", CAST(NULL AS INTEGER) AS "n"
FROM "vanished" AS g;

INSERT INTO "events" ("id", "martlet_at", "martlet_rank", "n") SELECT "n"."id", CASE WHEN "l"."martlet_at" > make_timestamp(CAST(1767236400000000 AS BIGINT)) THEN "l"."martlet_at" ELSE make_timestamp(CAST(1767236400000000 AS BIGINT)) END, 1, "n"."n"
FROM (SELECT "id", "n"
FROM (SELECT "v"."id", "v"."n", ROW_NUMBER() OVER (PARTITION BY "v"."id" ORDER BY "v"."martlet_at" DESC NULLS LAST) AS martlet_place
FROM "versions" AS v) AS n
WHERE martlet_place = 1) AS n
JOIN (SELECT "id", "martlet_at"
FROM (SELECT "e"."id", "e"."martlet_at", "e"."martlet_rank", ROW_NUMBER() OVER (PARTITION BY "e"."id" ORDER BY "e"."martlet_at" DESC NULLS LAST, "e"."martlet_rank" DESC NULLS LAST) AS martlet_place
FROM "events" AS e) AS l
WHERE martlet_place = 1 AND "martlet_rank" = 0) AS l
ON "l"."id" = "n"."id";

CREATE TEMPORARY TABLE "intervals" AS SELECT "id", "n", "martlet_at" AS "valid_from", "valid_to"
FROM (SELECT "id", "n", "martlet_at", "martlet_rank", LEAD("martlet_at") OVER (PARTITION BY "id" ORDER BY "martlet_at", "martlet_rank") AS "valid_to"
FROM (SELECT "e"."id", "e"."n", "e"."martlet_at", "e"."martlet_rank", LAG("e"."martlet_rank") OVER (PARTITION BY "e"."id" ORDER BY "e"."martlet_at", "e"."martlet_rank") AS martlet_rank_before, LAG("e"."n") OVER (PARTITION BY "e"."id" ORDER BY "e"."martlet_at", "e"."martlet_rank") AS "martlet_before_0"
FROM "events" AS e) AS b
WHERE CASE WHEN "martlet_rank" = 1 AND martlet_rank_before = 1 AND "martlet_before_0" IS NOT DISTINCT FROM "n" THEN 0 ELSE 1 END = 1) AS i
WHERE "martlet_rank" = 1 AND ("valid_to" IS NULL OR "valid_to" > "martlet_at");

DELETE
FROM "mart"."dim_thing"
WHERE EXISTS (SELECT 1
FROM "old" AS "o"
WHERE "o"."id" = "mart"."dim_thing"."id" AND "o"."valid_from" = "mart"."dim_thing"."valid_from") AND NOT EXISTS (SELECT 1
FROM "intervals" AS "n"
WHERE "n"."id" = "mart"."dim_thing"."id" AND "n"."valid_from" = "mart"."dim_thing"."valid_from");

MERGE INTO "mart"."dim_thing" AS t
USING "intervals" AS n
ON "t"."id" = "n"."id" AND "t"."valid_from" = "n"."valid_from"
WHEN MATCHED AND ("t"."n" IS DISTINCT FROM "n"."n" OR "t"."valid_to" IS DISTINCT FROM "n"."valid_to")
THEN UPDATE SET "n" = "n"."n", "valid_to" = "n"."valid_to"
WHEN NOT MATCHED THEN INSERT ("id", "n", "valid_from", "valid_to") VALUES ("n"."id", "n"."n", "n"."valid_from", "n"."valid_to");
