SELECT CAST(COALESCE(SUM(r.pairs), 0) AS BIGINT) AS pairs, CAST(COALESCE(MAX(r.step), 0) AS BIGINT) AS step, CAST(COALESCE(MAX(r.pairs), 0) AS BIGINT) AS common, CAST(COALESCE(SUM(CASE WHEN FLOOR((CAST(CAST("r"."distance" AS DOUBLE) AS DOUBLE) / NULLIF(CAST(CAST("r"."step" AS DOUBLE) AS DOUBLE), 0)) + 0.5) - 1 > 0 THEN r.pairs * (FLOOR((CAST(CAST("r"."distance" AS DOUBLE) AS DOUBLE) / NULLIF(CAST(CAST("r"."step" AS DOUBLE) AS DOUBLE), 0)) + 0.5) - 1) ELSE 0 END), 0) AS BIGINT) AS missing, epoch_us(MIN(CASE WHEN FLOOR((CAST(CAST("r"."distance" AS DOUBLE) AS DOUBLE) / NULLIF(CAST(CAST("r"."step" AS DOUBLE) AS DOUBLE), 0)) + 0.5) - 1 > 0 THEN r.earliest END)) AS earliest
FROM (
  SELECT d.distance, d.pairs, d.earliest, FIRST_VALUE(d.distance) OVER (ORDER BY d.pairs DESC NULLS LAST, d.distance) AS step
  FROM (
    SELECT epoch_us("n"."next") - epoch_us("n"."at") AS distance, COUNT(*) AS pairs, MIN(n.at) AS earliest
    FROM (
      SELECT "s"."k0", "s"."k1", s.at, LEAD(s.at) OVER (PARTITION BY "s"."k0", "s"."k1" ORDER BY s.at) AS next
      FROM (
        SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
        FROM (
          SELECT *
          FROM (
            SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
            FROM "mart"."readings") r
          WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
        WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s) n
    WHERE n.next > n.at
    GROUP BY 1) d) r;

SELECT CAST("p"."k0" AS VARCHAR) || ' ' || CAST("p"."k1" AS VARCHAR) AS entity, epoch_us("p"."next") AS next
FROM (
  SELECT "s"."k0", "s"."k1", MIN(s.at) AS at, MIN(CASE WHEN s.at > make_timestamp(CAST(1711764000000000 AS BIGINT)) THEN s.at END) AS next
  FROM (
    SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
    FROM (
      SELECT *
      FROM (
        SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
        FROM "mart"."readings") r
      WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
    WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s
  WHERE s.at >= make_timestamp(CAST(1711764000000000 AS BIGINT))
  GROUP BY "s"."k0", "s"."k1") p
WHERE p.at = make_timestamp(CAST(1711764000000000 AS BIGINT)) AND p.next >= ("p"."at" + to_microseconds(CAST(5400000000 AS BIGINT))) ORDER BY "p"."k0", "p"."k1" LIMIT 1;

SELECT *
FROM (
  SELECT "s"."k0", "s"."k1", s.at, LEAD(s.at) OVER (PARTITION BY "s"."k0", "s"."k1" ORDER BY s.at) AS next
  FROM (
    SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
    FROM (
      SELECT *
      FROM (
        SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
        FROM "mart"."readings") r
      WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
    WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s) n
WHERE n.next >= ("n"."at" + to_microseconds(CAST(5400000000 AS BIGINT))) LIMIT 100;
