CREATE TEMPORARY TABLE "batch" AS SELECT "q"."id" AS "id", "q"."n" AS "n", "q"."updated_at" AS "updated_at", "q"."loaded_at" AS "martlet_loaded_at"
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."loaded_at" >= make_timestamp(CAST(1767229200000000 AS BIGINT)) AND "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT));

CREATE TEMPORARY TABLE "bucket" AS SELECT "q"."id" AS "id", "q"."n" AS "n", "q"."updated_at" AS "updated_at", "q"."loaded_at" AS "martlet_loaded_at"
FROM (SELECT id, n, updated_at, loaded_at
FROM raw.things
) AS q
WHERE "q"."loaded_at" >= make_timestamp(CAST(1767229200000000 AS BIGINT)) AND "q"."loaded_at" < make_timestamp(CAST(1767232800000000 AS BIGINT)) AND CAST(hash("q"."id") % 4 AS BIGINT) = 1;

SELECT COUNT(*) AS given, epoch_us(MAX("martlet_loaded_at")) AS last, COUNT(CASE WHEN "id" IS NULL OR "updated_at" IS NULL THEN 1 END) AS rejected, COUNT(CASE WHEN "id" IS NULL THEN 1 END) AS "lack_0", COUNT(CASE WHEN "updated_at" IS NULL THEN 1 END) AS "lack_1"
FROM "batch";

DELETE
FROM "batch"
WHERE "id" IS NULL OR "updated_at" IS NULL;

SELECT COUNT(*) AS repeated
FROM (SELECT "id"
FROM "batch"
GROUP BY "id"
HAVING COUNT(*) > 1) AS k;

CREATE TEMPORARY TABLE "kept" AS SELECT "id", "n", "updated_at", "martlet_loaded_at"
FROM (SELECT "b"."id", "b"."n", "b"."updated_at", "b"."martlet_loaded_at", ROW_NUMBER() OVER (PARTITION BY "b"."id" ORDER BY "b"."updated_at" DESC NULLS LAST, "b"."martlet_loaded_at" DESC NULLS LAST, "b"."n" DESC NULLS LAST) AS martlet_place
FROM "batch" AS b
JOIN (SELECT "id"
FROM "batch"
GROUP BY "id"
HAVING COUNT(*) > 1) AS k
ON "b"."id" = "k"."id") AS v
WHERE martlet_place = 1;

DELETE
FROM "batch"
WHERE EXISTS (SELECT 1
FROM "kept" AS k
WHERE "k"."id" = "batch"."id");

INSERT INTO "batch" ("id", "n", "updated_at", "martlet_loaded_at") SELECT "id", "n", "updated_at", "martlet_loaded_at"
FROM "kept";

SELECT 1 AS found
FROM "batch" AS s
JOIN "staging"."things" AS t
ON "t"."id" = "s"."id" LIMIT 1;

INSERT INTO "staging"."things" ("id", "n", "updated_at") SELECT "id", "n", "updated_at"
FROM "batch";

MERGE INTO "staging"."things" AS t
USING "batch" AS s
ON "t"."id" = "s"."id"
WHEN MATCHED AND ("t"."updated_at" IS NULL OR "s"."updated_at" >= "t"."updated_at") AND ("t"."n" IS DISTINCT FROM "s"."n" OR "t"."updated_at" IS DISTINCT FROM "s"."updated_at")
THEN UPDATE SET "n" = "s"."n", "updated_at" = "s"."updated_at"
WHEN NOT MATCHED THEN INSERT ("id", "n", "updated_at") VALUES ("s"."id", "s"."n", "s"."updated_at");
