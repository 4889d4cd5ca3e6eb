SELECT COUNT(*) AS entities, CAST(COALESCE(SUM(CASE WHEN e.ended < ("e"."latest" + to_microseconds(CAST(-10800000000 AS BIGINT))) THEN 1 ELSE 0 END), 0) AS BIGINT) AS silent
FROM (
  SELECT "n"."k0", "n"."k1", n.ended, MAX(n.ended) OVER () AS latest
  FROM (
    SELECT "s"."k0", "s"."k1", MAX(s.at) AS ended
    FROM (
      SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
      FROM (
        SELECT *
        FROM (
          SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
          FROM "mart"."readings") r
        WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
      WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s
    GROUP BY "s"."k0", "s"."k1") n) e;

SELECT CAST("x"."k0" AS VARCHAR) || ' ' || CAST("x"."k1" AS VARCHAR) AS entity, epoch_us("x"."ended") AS ended
FROM (
  SELECT *
  FROM (
    SELECT "n"."k0", "n"."k1", n.ended, MAX(n.ended) OVER () AS latest
    FROM (
      SELECT "s"."k0", "s"."k1", MAX(s.at) AS ended
      FROM (
        SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
        FROM (
          SELECT *
          FROM (
            SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
            FROM "mart"."readings") r
          WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
        WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s
      GROUP BY "s"."k0", "s"."k1") n) e
  WHERE e.ended < ("e"."latest" + to_microseconds(CAST(-10800000000 AS BIGINT)))) x ORDER BY x.ended, "x"."k0", "x"."k1" LIMIT 1;

SELECT *
FROM (
  SELECT "n"."k0", "n"."k1", n.ended, MAX(n.ended) OVER () AS latest
  FROM (
    SELECT "s"."k0", "s"."k1", MAX(s.at) AS ended
    FROM (
      SELECT "o"."k""ey'; DROP TABLE readings; --" AS "k0", "o"."k0" AS "k1", "o"."at"" /* ' $1 */" AS at
      FROM (
        SELECT *
        FROM (
          SELECT CAST("k""ey'; DROP TABLE readings; --" AS VARCHAR) AS "k""ey'; DROP TABLE readings; --", CAST("k0" AS DOUBLE) AS "k0#", CASE WHEN isfinite(CAST("k0" AS DOUBLE)) THEN CAST("k0" AS DOUBLE) END AS "k0~", "k0" AS "k0", CASE WHEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN TRY_CAST("at"" /* ' $1 */" AS TIMESTAMP) END AS "at"" /* ' $1 */", "at"" /* ' $1 */" AS "at"" /* ' $1 */@"
          FROM "mart"."readings") r
        WHERE "r"."at"" /* ' $1 */" >= make_timestamp(CAST(1711756800000000 AS BIGINT)) AND "r"."at"" /* ' $1 */" < make_timestamp(CAST(1712016000000000 AS BIGINT))) o
      WHERE "o"."k""ey'; DROP TABLE readings; --" IS NOT NULL AND "o"."k0" IS NOT NULL AND "o"."at"" /* ' $1 */" <= make_timestamp(CAST(1711929600000000 AS BIGINT))) s
    GROUP BY "s"."k0", "s"."k1") n) e
WHERE e.ended < ("e"."latest" + to_microseconds(CAST(-10800000000 AS BIGINT))) LIMIT 100;
