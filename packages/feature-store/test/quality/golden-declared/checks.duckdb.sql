-- one_row
SELECT "g"."o'r""der; --", "g"."inside#" AS "checked#", CASE WHEN "g"."inside#" < "g"."copies#" THEN "g"."inside#" ELSE "g"."copies#" - 1 END AS "failing#"
FROM (
  SELECT "a"."o'r""der; --", COUNT(*) AS "copies#", SUM(CASE WHEN "a"."inside#" THEN 1 ELSE 0 END) AS "inside#"
  FROM (
    SELECT v.*, "v"."at" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "v"."at" < make_timestamp(CAST(1711843200000000 AS BIGINT)) AS "inside#"
    FROM (
      SELECT CAST("o'r""der; --" AS VARCHAR) AS "o'r""der; --", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-02 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST("at" AS TIMESTAMP) ELSE timezone('UTC', timezone('Europe/Zurich', TRY_CAST("at" AS TIMESTAMP))) END END AS "at"
      FROM "mart"."orders") v) a
  JOIN (
    SELECT DISTINCT r."o'r""der; --" AS "k0"
    FROM (
      SELECT *
      FROM (
        SELECT CAST("o'r""der; --" AS VARCHAR) AS "o'r""der; --", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-02 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST("at" AS TIMESTAMP) ELSE timezone('UTC', timezone('Europe/Zurich', TRY_CAST("at" AS TIMESTAMP))) END END AS "at"
        FROM "mart"."orders") v
      WHERE "v"."at" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "v"."at" < make_timestamp(CAST(1711843200000000 AS BIGINT))) r) k ON "a"."o'r""der; --" = "k"."k0"
  GROUP BY "a"."o'r""der; --") g;

-- customer_exists
SELECT "e"."customer_id", "e"."number", "e"."rows#" AS "checked#", CASE WHEN k.found IS NULL THEN "e"."rows#" ELSE 0 END AS "failing#"
FROM (
  SELECT "r"."customer_id", "r"."number", COUNT(*) AS "rows#"
  FROM (
    SELECT *
    FROM (
      SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-02 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST("at" AS TIMESTAMP) ELSE timezone('UTC', timezone('Europe/Zurich', TRY_CAST("at" AS TIMESTAMP))) END END AS "at", CASE WHEN isfinite(CAST("number" AS DOUBLE)) THEN CAST("number" AS DOUBLE) END AS "number"
      FROM "mart"."orders") v
    WHERE "v"."at" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "v"."at" < make_timestamp(CAST(1711843200000000 AS BIGINT))) r
  WHERE "r"."customer_id" IS NOT NULL AND "r"."number" IS NOT NULL
  GROUP BY "r"."customer_id", "r"."number") e
LEFT JOIN (
  SELECT DISTINCT o."customer_id" AS "k0", o."number" AS "k1", 1 AS found
  FROM (
    SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", TRY_CAST("number" AS BIGINT) AS "number"
    FROM "mart"."customers") o) k ON "e"."customer_id" = "k"."k0" AND CAST("e"."number" AS DOUBLE) = CAST("k"."k1" AS DOUBLE);

-- customer_valid
SELECT "e"."customer_id", "e"."at", "e"."rows#" AS "checked#", CASE WHEN COUNT(k.began) = 0 THEN "e"."rows#" ELSE 0 END AS "failing#"
FROM (
  SELECT "r"."customer_id", "r"."at", COUNT(*) AS "rows#"
  FROM (
    SELECT *
    FROM (
      SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-02 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST("at" AS TIMESTAMP) ELSE timezone('UTC', timezone('Europe/Zurich', TRY_CAST("at" AS TIMESTAMP))) END END AS "at"
      FROM "mart"."orders") v
    WHERE "v"."at" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "v"."at" < make_timestamp(CAST(1711843200000000 AS BIGINT))) r
  WHERE "r"."customer_id" IS NOT NULL AND "r"."at" IS NOT NULL
  GROUP BY "r"."customer_id", "r"."at") e
LEFT JOIN (
  SELECT o."customer_id" AS "k0", o."since ""when""" AS began, o."until" AS ended
  FROM (
    SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN TRY_CAST("since ""when""" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since ""when""" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since ""when""" AS TIMESTAMP) END AS "since ""when""", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
    FROM "mart"."customers") o) k ON "e"."customer_id" = "k"."k0" AND k.began <= "e"."at" AND (k.ended IS NULL OR k.ended > "e"."at")
GROUP BY "e"."customer_id", "e"."at", "e"."rows#";

-- custom
SELECT *
FROM (
  SELECT 1 AS one
  WHERE 1 = 0 ) q;

-- one_row-all
SELECT "g"."o'r""der; --", "g"."copies#" AS "checked#", "g"."copies#" - 1 AS "failing#"
FROM (
  SELECT "a"."o'r""der; --", COUNT(*) AS "copies#"
  FROM (
    SELECT *
    FROM (
      SELECT CAST("o'r""der; --" AS VARCHAR) AS "o'r""der; --"
      FROM "mart"."orders") v) a
  WHERE "a"."o'r""der; --" IS NOT NULL
  GROUP BY "a"."o'r""der; --") g;

-- customer_exists-all
SELECT "e"."customer_id", "e"."number", "e"."rows#" AS "checked#", CASE WHEN k.found IS NULL THEN "e"."rows#" ELSE 0 END AS "failing#"
FROM (
  SELECT "r"."customer_id", "r"."number", COUNT(*) AS "rows#"
  FROM (
    SELECT *
    FROM (
      SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN isfinite(CAST("number" AS DOUBLE)) THEN CAST("number" AS DOUBLE) END AS "number"
      FROM "mart"."orders") v) r
  WHERE "r"."customer_id" IS NOT NULL AND "r"."number" IS NOT NULL
  GROUP BY "r"."customer_id", "r"."number") e
LEFT JOIN (
  SELECT DISTINCT o."customer_id" AS "k0", o."number" AS "k1", 1 AS found
  FROM (
    SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", TRY_CAST("number" AS BIGINT) AS "number"
    FROM "mart"."customers") o) k ON "e"."customer_id" = "k"."k0" AND CAST("e"."number" AS DOUBLE) = CAST("k"."k1" AS DOUBLE);

-- customer_valid-all
SELECT "e"."customer_id", "e"."at", "e"."rows#" AS "checked#", CASE WHEN COUNT(k.began) = 0 THEN "e"."rows#" ELSE 0 END AS "failing#"
FROM (
  SELECT "r"."customer_id", "r"."at", COUNT(*) AS "rows#"
  FROM (
    SELECT *
    FROM (
      SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN TRY_CAST("at" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-02 00:00:00' AND TIMESTAMP '9999-12-30 23:59:59.999999' THEN CASE WHEN typeof("at") = 'TIMESTAMP WITH TIME ZONE' THEN TRY_CAST("at" AS TIMESTAMP) ELSE timezone('UTC', timezone('Europe/Zurich', TRY_CAST("at" AS TIMESTAMP))) END END AS "at"
      FROM "mart"."orders") v) r
  WHERE "r"."customer_id" IS NOT NULL AND "r"."at" IS NOT NULL
  GROUP BY "r"."customer_id", "r"."at") e
LEFT JOIN (
  SELECT o."customer_id" AS "k0", o."since ""when""" AS began, o."until" AS ended
  FROM (
    SELECT CAST("customer_id" AS VARCHAR) AS "customer_id", CASE WHEN TRY_CAST("since ""when""" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("since ""when""" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("since ""when""" AS TIMESTAMP) END AS "since ""when""", CASE WHEN TRY_CAST("until" AS TIMESTAMP) < TIMESTAMP '0001-01-01 00:00:00' THEN TIMESTAMP '0001-01-01 00:00:00' WHEN TRY_CAST("until" AS TIMESTAMP) <= TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("until" AS TIMESTAMP) END AS "until"
    FROM "mart"."customers") o) k ON "e"."customer_id" = "k"."k0" AND k.began <= "e"."at" AND (k.ended IS NULL OR k.ended > "e"."at")
GROUP BY "e"."customer_id", "e"."at", "e"."rows#";

-- custom-all
SELECT *
FROM (
  SELECT 1 AS one
  WHERE 1 = 0 ) q;

-- light
SELECT NOT ("s"."kg~" <= ("s"."number~" * CAST(2 AS DOUBLE))) AS x
FROM rows_of_the_scan s;

-- heavy_share
SELECT CASE WHEN isfinite(CAST((CAST(COALESCE(SUM(CASE WHEN ("s"."kg~" > CAST(10 AS DOUBLE)) THEN 1 ELSE 0 END), 0) AS DOUBLE) / NULLIF(CAST(COUNT(("s"."kg~" > CAST(10 AS DOUBLE))) AS DOUBLE), 0)) AS DOUBLE)) THEN CAST((CAST(COALESCE(SUM(CASE WHEN ("s"."kg~" > CAST(10 AS DOUBLE)) THEN 1 ELSE 0 END), 0) AS DOUBLE) / NULLIF(CAST(COUNT(("s"."kg~" > CAST(10 AS DOUBLE))) AS DOUBLE), 0)) AS DOUBLE) END AS x
FROM rows_of_the_scan s;
