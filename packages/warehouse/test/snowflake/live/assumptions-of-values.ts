import { createHash } from 'node:crypto'
import { sql } from '@martlet/warehouse'
import type { Assumption } from './assumption.ts'
import { column, rows, value } from './ask.ts'

const three = sql`(SELECT 1 AS x UNION ALL SELECT NULL UNION ALL SELECT 2) AS t`

export const assumptionsOfValues: readonly Assumption[] = [
  {
    name: 'nulls come last in an ascending order',
    page: 'sql-reference/constructs/order-by',
    double: 'agrees',
    expected: [1, 2, null],
    ask: column(sql`SELECT x FROM ${three} ORDER BY x`),
  },
  {
    name: 'nulls come first in a descending order',
    page: 'sql-reference/constructs/order-by',
    double: 'agrees',
    expected: [null, 2, 1],
    ask: column(sql`SELECT x FROM ${three} ORDER BY x DESC`),
  },
  {
    name: 'FLOAT and DOUBLE have 8 bytes',
    page: 'sql-reference/data-types-numeric',
    double: 'agrees',
    expected: [[0.1, 0.1]],
    ask: (w) => rows(w, sql`SELECT CAST('0.1' AS FLOAT) AS f, CAST('0.1' AS DOUBLE) AS d`),
  },
  {
    name: 'MAX_BY gives a null that stands at the maximum',
    page: 'sql-reference/functions/max_by',
    double: 'refuses',
    expected: null,
    ask: value(sql`SELECT MAX_BY(v, x) AS v FROM (SELECT 1 AS x, 'a' AS v UNION ALL SELECT 2, NULL) AS t`),
  },
  {
    name: 'whole numbers are divided with six digits behind the point',
    page: 'sql-reference/operators-arithmetic',
    double: 'refuses',
    expected: 0.333333,
    ask: value(sql`SELECT x / 3 AS q FROM (SELECT 1 AS x) AS t`),
  },
  {
    name: 'doubles are divided as doubles',
    page: 'sql-reference/operators-arithmetic',
    double: 'agrees',
    expected: 1 / 3,
    ask: value(sql`SELECT CAST(1 AS DOUBLE) / CAST(3 AS DOUBLE) AS q`),
  },
  {
    name: 'division by zero is an error',
    page: 'sql-reference/operators-arithmetic',
    double: 'agrees',
    expected: { error: '100051' },
    ask: value(sql`SELECT CAST(x AS DOUBLE) / CAST(0 AS DOUBLE) AS q FROM (SELECT 1 AS x) AS t`),
  },
  {
    name: 'casts to whole numbers round half away from zero',
    page: 'sql-reference/functions/cast',
    double: 'agrees',
    expected: [[3, -3, 1, 3]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT CAST(2.5 AS NUMBER(10, 0)) AS a, CAST(-2.5 AS NUMBER(10, 0)) AS b, CAST(0.5 AS NUMBER(10, 0)) AS c,
          CAST(CAST(2.5 AS DOUBLE) AS NUMBER(10, 0)) AS d`,
      ),
  },
  {
    name: 'NaN is equal to itself and greater than every number',
    page: 'sql-reference/data-types-numeric',
    double: 'agrees',
    expected: [[true, true]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT CAST('NaN' AS DOUBLE) = CAST('NaN' AS DOUBLE) AS e, CAST('NaN' AS DOUBLE) > CAST('inf' AS DOUBLE) AS g`,
      ),
  },
  {
    name: 'inf, -inf and NaN are read from text and come back',
    page: 'sql-reference/data-types-numeric',
    double: 'agrees',
    expected: [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT CAST(${Number.POSITIVE_INFINITY} AS DOUBLE) AS a, CAST(${Number.NEGATIVE_INFINITY} AS DOUBLE) AS b,
          CAST(${Number.NaN} AS DOUBLE) AS c`,
      ),
  },
  {
    name: 'NUMBER(38, 0) has 38 digits',
    page: 'sql-reference/data-types-numeric',
    double: 'agrees',
    expected: 8.64e10 ** 2,
    ask: value(
      sql`SELECT CAST(CAST(n AS NUMBER(38, 0)) * CAST(n AS NUMBER(38, 0)) AS DOUBLE) AS v FROM (SELECT 86400000000 AS n) AS t`,
    ),
  },
  {
    name: 'ARRAY_AGG leaves nulls out',
    page: 'sql-reference/functions/array_agg',
    double: 'agrees',
    expected: 2,
    ask: value(sql`SELECT ARRAY_SIZE(ARRAY_AGG(x) WITHIN GROUP (ORDER BY x)) AS n FROM ${three}`),
  },
  {
    name: 'a text taken out of an array has no quotes when it is cast',
    page: 'user-guide/querying-semistructured',
    double: 'agrees',
    expected: "o'b",
    ask: value(
      sql`SELECT CAST(GET(ARRAY_AGG(t) WITHIN GROUP (ORDER BY t), 0) AS VARCHAR) AS t FROM (SELECT 'o''b' AS t) AS a`,
    ),
  },
  {
    name: 'an element that an array does not have is null',
    page: 'sql-reference/functions/get',
    double: 'agrees',
    expected: null,
    ask: value(
      sql`SELECT CAST(GET(ARRAY_AGG(x) WITHIN GROUP (ORDER BY x), 0) AS DOUBLE) AS v FROM (SELECT 1 AS x) AS t WHERE x > 1`,
    ),
  },
  {
    name: 'LEAST_IGNORE_NULLS passes over nulls',
    page: 'sql-reference/functions/least_ignore_nulls',
    double: 'agrees',
    expected: [[1, 3, null]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT LEAST_IGNORE_NULLS(x, NULL, 3) AS a, GREATEST_IGNORE_NULLS(x, NULL, 3) AS b, LEAST_IGNORE_NULLS(NULL,
          NULL) AS c FROM (SELECT 1 AS x) AS t`,
      ),
  },
  {
    name: 'TRY_CAST takes texts only',
    page: 'sql-reference/functions/try_cast',
    double: 'refuses',
    expected: { error: '001065' },
    ask: value(sql`SELECT TRY_CAST(x AS DATE) AS d FROM (SELECT 1 AS x) AS t`),
  },
  {
    name: 'hexadecimal digits are read with TO_NUMBER and as many X',
    page: 'sql-reference/functions/to_decimal',
    double: 'agrees',
    expected: 2 ** 52 + 5,
    ask: value(sql`SELECT CAST(TO_NUMBER('010000000000005', 'XXXXXXXXXXXXXXX') AS NUMBER(19, 0)) AS n`),
  },
  {
    name: 'MD5 gives lower-case hexadecimal digits of the UTF-8 bytes',
    page: 'sql-reference/functions/md5',
    double: 'agrees',
    expected: createHash('md5').update('ä').digest('hex'),
    ask: value(sql`SELECT MD5('ä') AS h`),
  },
  {
    name: 'HASH depends on the order of its arguments, gives a number for nulls, and none of the sign of zero',
    page: 'sql-reference/functions/hash',
    double: 'agrees',
    expected: [[true, true, true, true]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT HASH('a', 'b') <> HASH('b', 'a') AS o, HASH(NULL) IS NOT NULL AS n, HASH('a', NULL) <> HASH(NULL,
          'a') AS p, HASH(CAST(0 AS DOUBLE)) = HASH(-CAST(0 AS DOUBLE)) AS z`,
      ),
  },
  {
    name: 'backslashes of a literal are escapes, and two of them with d a digit in a pattern',
    page: 'sql-reference/functions-regexp',
    double: 'agrees',
    expected: [[1, true, false]],
    ask: (w) =>
      rows(
        w,
        sql`SELECT LENGTH('\\\\') AS n, REGEXP_INSTR('a1', '\\\\d') > 0 AS y, REGEXP_INSTR('ad', '\\\\d') > 0 AS z`,
      ),
  },
  {
    name: 'texts are told apart to the last space',
    page: 'sql-reference/collation',
    double: 'agrees',
    expected: false,
    ask: value(sql`SELECT 'a' = 'a ' AS e`),
  },
]
