import { sql } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import type { Assumption } from './assumption.ts'
import { column, rows, value } from './ask.ts'

const target = async (w: Warehouse, name: string): Promise<void> => {
  await w.run(sql`CREATE OR REPLACE TABLE ${sql.id(name)} (k NUMBER(19, 0), v DOUBLE)`)
  await w.run(sql`INSERT INTO ${sql.id(name)} (k, v) SELECT 1, 1 UNION ALL SELECT 2, 2`)
}
const left = sql`(SELECT 1 AS id, 'a' AS k, 5 AS us UNION ALL SELECT 2, 'b', 5 UNION ALL SELECT 3, 'a', 0) AS l`

export const assumptionsOfStatements: readonly Assumption[] = [
  {
    name: 'ASOF JOIN keeps left rows without a match',
    page: 'sql-reference/constructs/asof-join',
    double: 'agrees',
    expected: [
      [1, 5],
      [2, null],
      [3, null],
    ],
    ask: (w) =>
      rows(
        w,
        sql`SELECT l.id AS id, r.us AS us FROM ${left} ASOF JOIN (SELECT 'a' AS k, 3 AS us UNION ALL SELECT 'a',
          5) AS r MATCH_CONDITION (l.us >= r.us) ON l.k = r.k ORDER BY id`,
      ),
  },
  {
    name: 'ASOF JOIN gives one of several right rows of the same time',
    page: 'sql-reference/constructs/asof-join',
    double: 'agrees',
    expected: 1,
    ask: value(
      sql`SELECT COUNT(*) AS n FROM (SELECT 'a' AS k, 5 AS us) AS l ASOF JOIN (SELECT 'a' AS k, 3 AS us, 1 AS x UNION ALL
        SELECT 'a', 3, 2) AS r MATCH_CONDITION (l.us >= r.us) ON l.k = r.k`,
    ),
  },
  {
    name: 'FIRST_VALUE and LAST_VALUE have the whole partition for a frame',
    page: 'sql-reference/functions/last_value',
    double: 'agrees',
    expected: [2, 2],
    ask: column(sql`SELECT LAST_VALUE(x) OVER (ORDER BY x) AS v FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t`),
  },
  {
    name: 'IGNORE NULLS stands behind the parentheses',
    page: 'sql-reference/functions/last_value',
    double: 'agrees',
    expected: [1, 1],
    ask: column(
      sql`SELECT LAST_VALUE(x) IGNORE NULLS OVER (ORDER BY us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS v
        FROM (SELECT 1 AS x, 1 AS us UNION ALL SELECT NULL, 2) AS t ORDER BY us`,
    ),
  },
  {
    name: 'DISTINCT in a window with an order is an error',
    page: 'sql-reference/functions/count',
    double: 'refuses',
    expected: { error: '002303' },
    ask: value(
      sql`SELECT COUNT(DISTINCT x) OVER (ORDER BY us ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM (SELECT 1 AS x, 1 AS us) AS t`,
    ),
  },
  {
    name: 'ARRAY_AGG takes a frame',
    page: 'sql-reference/functions/array_agg',
    double: 'agrees',
    expected: [1, 2],
    ask: column(
      sql`SELECT ARRAY_SIZE(ARRAY_DISTINCT(ARRAY_AGG(x) OVER (PARTITION BY k ORDER BY us ROWS BETWEEN 1 PRECEDING
        AND CURRENT ROW))) AS n FROM (SELECT 1 AS x, 1 AS us, 'a' AS k UNION ALL SELECT 2, 2, 'a') AS t ORDER BY us`,
    ),
  },
  {
    name: 'a lateral query may refer to the table before it',
    page: 'sql-reference/constructs/join-lateral',
    double: 'agrees',
    expected: [2, 3],
    ask: (w) =>
      column(
        sql`SELECT s.i AS i FROM (SELECT 2 AS a) AS t,
          ${w.leaves.series({ from: sql`t.a`, to: sql`t.a + 2`, alias: 's', column: 'i' })} ORDER BY i`,
      )(w),
  },
  {
    name: 'MERGE with two source rows for one target is an error',
    page: 'sql-reference/sql/merge',
    double: 'agrees',
    expected: { error: '100090' },
    ask: async (w) => {
      await target(w, 'merged')
      return w.run(
        sql`MERGE INTO merged AS t USING (SELECT 1 AS k, 5 AS v UNION ALL SELECT 1, 6) AS s ON t.k = s.k
          WHEN MATCHED THEN UPDATE SET v = s.v`,
      )
    },
  },
  {
    name: 'MERGE says how many rows it wrote',
    page: 'sql-reference/sql/merge',
    double: 'agrees',
    expected: 2,
    ask: async (w) => {
      await target(w, 'merged_too')
      return w.run(
        sql`MERGE INTO merged_too AS t USING (SELECT 1 AS k, 5 AS v UNION ALL SELECT 7, 6) AS s ON t.k = s.k
          WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)`,
      )
    },
  },
  {
    name: 'CREATE OR ALTER drops columns that it does not name',
    page: 'sql-reference/sql/create-table',
    double: 'refuses',
    expected: ['K'],
    ask: async (w) => {
      await target(w, 'altered')
      await w.run(sql`CREATE OR ALTER TABLE altered (k NUMBER(19, 0))`)
      return column(sql`SELECT column_name AS c FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'ALTERED'`)(w)
    },
  },
  {
    name: 'CREATE TABLE AS with a clustering key takes defined columns',
    page: 'sql-reference/sql/create-table',
    double: 'agrees',
    expected: 2,
    ask: async (w) => {
      await w.run(
        w.leaves.createTableAs('clustered', sql`SELECT 1 AS k, 'x' AS t UNION ALL SELECT 2, 'y'`, {
          replace: true,
          clusterBy: [sql`k`],
          columns: [
            { name: 'k', type: 'bigint', nullable: false },
            { name: 't', type: 'text' },
          ],
        }),
      )
      return value(sql`SELECT COUNT(*) AS n FROM clustered`)(w)
    },
  },
  {
    name: 'a sum of NUMBER(19, 0) and 1 has 20 digits in a table made from it',
    page: 'sql-reference/operators-arithmetic',
    double: 'differs',
    expected: 20,
    ask: async (w) => {
      await w.run(sql`CREATE OR REPLACE TABLE wider AS SELECT CAST(1 AS NUMBER(19, 0)) + 1 AS n`)
      return value(sql`SELECT numeric_precision AS p FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'WIDER'`)(w)
    },
  },
  {
    name: 'more than 16,384 expressions in a list are an error',
    page: 'sql-reference/constructs/values',
    double: 'differs',
    expected: { error: '001795' },
    ask: (w) =>
      w.run(
        sql`SELECT COUNT(*) AS n FROM (VALUES ${sql.join(Array.from({ length: 16_385 }, (_, i) => sql.raw(`(${i})`)))}) AS t(x)`,
      ),
  },
  {
    name: 'names without quotes are folded to upper case',
    page: 'sql-reference/identifiers-syntax',
    double: 'agrees',
    expected: [['upper']],
    ask: async (w) => (await w.read(sql`SELECT 1 AS uPPer`)).names.map((name) => [name]),
  },
  {
    name: 'Parquet is not written from TIMESTAMP_TZ',
    page: 'sql-reference/sql/copy-into-location',
    double: 'refuses',
    expected: { error: '001003' },
    ask: (w) =>
      w.run(
        sql`COPY INTO @~/martlet_test
          FROM (SELECT CAST('2024-01-01 00:00:00 +0200' AS TIMESTAMP_TZ) AS t) FILE_FORMAT = (TYPE = 'PARQUET') OVERWRITE = TRUE`,
      ),
  },
]
