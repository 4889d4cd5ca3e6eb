import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, ensureTable, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { SnowflakeDouble } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
let warehouse: Warehouse
beforeAll(async () => {
  double = await SnowflakeDouble.start()
  warehouse = await openDouble(double)
  await ensureTable(warehouse, {
    table: 't',
    columns: [
      { name: 'k', type: 'text' },
      { name: 'n', type: 'bigint' },
      { name: 'x', type: 'double' },
      { name: 'ts', type: 'timestamp' },
    ],
  })
  const k = { type: 'text', values: ['a', 'a', 'a', 'b'] } as const
  const ts = { type: 'timestamp', values: [1n, 2n, 3n, 4n] } as const
  await warehouse.append(
    't',
    columnBatch({
      k,
      n: { type: 'bigint', values: [1, null, 3, 4] },
      x: { type: 'double', values: [0.5, 1.5, 2.5, null] },
      ts,
    }),
  )
  await ensureTable(warehouse, {
    table: 'u',
    columns: [
      { name: 'k', type: 'text' },
      { name: 'y', type: 'double' },
    ],
  })
})
afterAll(async () => {
  await warehouse.close()
  await double.stop()
})

const rows = async (text: string) => rowsOf(await warehouse.read(sql.raw(text)))
const column = async (text: string) => (await rows(text)).map((row) => Object.values(row)[0])
const refusal = async (text: string) => (await codeOf(warehouse.run(sql.raw(text)))).message

/** Where Snowflake is documented to do otherwise than DuckDB (research of the project: "What differs"). */
describe('where Snowflake does otherwise than DuckDB, the double does as Snowflake', () => {
  it('takes a null for the largest value when nothing is said', async () => {
    expect(await column('SELECT n FROM t ORDER BY n DESC')).toEqual([null, 4, 3, 1])
    expect(await column('SELECT n FROM t ORDER BY n')).toEqual([1, 3, 4, null])
    expect(await column('SELECT n FROM t ORDER BY n DESC NULLS LAST')).toEqual([4, 3, 1, null])
    expect(await column('SELECT ROW_NUMBER() OVER (ORDER BY n DESC) AS r FROM t ORDER BY ts')).toEqual([4, 1, 3, 2])
  })

  it('gives FIRST_VALUE and LAST_VALUE the whole partition when no frame is written', async () => {
    expect(await column('SELECT LAST_VALUE(ts) OVER (PARTITION BY k ORDER BY ts) AS v FROM t ORDER BY ts')).toEqual(
      [3n, 3n, 3n, 4n].map((micros) => new Date(Number(micros) / 1000)),
    )
    expect(
      await column('SELECT LAST_VALUE(x) IGNORE NULLS OVER (PARTITION BY k ORDER BY ts) AS v FROM t ORDER BY ts'),
    ).toEqual([2.5, 2.5, 2.5, null])
    expect(
      await column(
        'SELECT LAST_VALUE(x) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS v FROM t ORDER BY ts',
      ),
    ).toEqual([0.5, 1.5, 2.5, null])
    expect(
      await column(
        'SELECT FIRST_VALUE(COALESCE(x, 0)) OVER (PARTITION BY k ORDER BY MOD(n, 2), ts) AS v FROM t ORDER BY ts',
      ),
    ).toEqual([0.5, 0.5, 0.5, 0])
  })

  it('rounds half away from zero in casts', async () => {
    expect(await column('SELECT CAST(x AS NUMBER(19, 0)) AS v FROM t WHERE x IS NOT NULL ORDER BY ts')).toEqual([
      1, 2, 3,
    ])
    expect(await column('SELECT CAST(-x AS NUMBER(10, 0)) AS v FROM t WHERE x IS NOT NULL ORDER BY ts')).toEqual([
      -1, -2, -3,
    ])
    expect(await column('SELECT CAST(x / 20 AS NUMBER(10, 2)) AS v FROM t WHERE x IS NOT NULL ORDER BY ts')).toEqual([
      0.03, 0.08, 0.13,
    ])
  })

  it('leaves nulls out of ARRAY_AGG, and makes an empty array of nothing', async () => {
    expect(
      await column("SELECT ARRAY_SIZE(ARRAY_AGG(x) WITHIN GROUP (ORDER BY ts)) AS v FROM t WHERE k = 'b'"),
    ).toEqual([0])
    expect(
      await column(
        'SELECT ARRAY_SIZE(ARRAY_AGG(x) OVER (PARTITION BY k ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)) AS ' +
          'v FROM t ORDER BY ts',
      ),
    ).toEqual([1, 2, 2, 0])
    expect(await column('SELECT ARRAY_SIZE(ARRAY_AGG(n) WITHIN GROUP (ORDER BY ts)) AS v FROM t')).toEqual([3])
  })

  it('reads backslashes in texts, and tells texts apart to the last space', async () => {
    expect(await rows(String.raw`SELECT 'a\\b\'c' AS v, 'a\nb' AS w`)).toEqual([{ v: String.raw`a\b'c`, w: 'a\nb' }])
    expect(await rows(`SELECT ('a' = 'a ') AS padded, ('a' = 'A') AS folded, ('B' < 'a') AS by_byte`)).toEqual([
      { padded: false, folded: false, by_byte: true },
    ])
  })

  it('prints dates and times as the session says, and doubles without a point where they are whole', async () => {
    expect(
      await rows(
        `SELECT CAST(ts AS VARCHAR) AS a, CAST(CAST('2024-02-29' AS DATE) AS VARCHAR) AS b, CAST(x * 2 AS VARCHAR) AS ` +
          'c, CAST(x AS VARCHAR) AS d FROM t WHERE n = 1',
      ),
    ).toEqual([{ a: '1970-01-01 00:00:00.000001', b: '2024-02-29', c: '1', d: '0.5' }])
  })

  it('folds names without quotes to upper case', async () => {
    expect(await rows('SELECT Two."K" AS Upper FROM T AS tWO WHERE tWo.N = 4')).toEqual([{ upper: 'b' }])
  })

  it('fails where something is divided by zero, and not where a condition keeps it away', async () => {
    for (const text of [
      'SELECT x / (n - n) FROM t',
      'SELECT CAST(0 AS DOUBLE) / 0',
      'SELECT MOD(n, 0) FROM t',
      'SELECT n % 0 FROM t',
    ])
      expect(await refusal(text)).toContain('Division by zero')
    expect(await column('SELECT CASE WHEN n <> 3 THEN x / (n - 3) END AS v FROM t ORDER BY ts')).toEqual([
      -0.25,
      null,
      null,
      null,
    ])
    expect(await column('SELECT x / NULLIF(n - 3, 0) AS v FROM t ORDER BY ts')).toEqual([-0.25, null, null, null])
  })
})

describe('what depends on what Snowflake does otherwise is refused by name', () => {
  it.each([
    ['SELECT 1 / 3', 'a division of NUMBERs'],
    ['SELECT SUM(n) / COUNT(*) FROM t', 'a division of NUMBERs'],
    ['SELECT SUM(n) OVER (PARTITION BY k) / COUNT(*) OVER (PARTITION BY k) FROM t', 'a division of NUMBERs'],
    ["SELECT n * 2 / CASE WHEN k = 'a' THEN 3 ELSE 1 END FROM t", 'a division of NUMBERs'],
    ['SELECT 0.5 / 2', 'a division of NUMBERs'],
    ['SELECT AVG(n) FROM t', 'a mean or spread of NUMBERs'],
    ['SELECT VAR_SAMP(n) FROM t', 'a mean or spread of NUMBERs'],
    ['SELECT REGR_SLOPE(x, n) FROM t', 'a mean or spread of NUMBERs'],
    ['SELECT CORR(x, n) FROM t', 'a mean or spread of NUMBERs'],
    ['SELECT CAST(x / 3 AS VARCHAR) FROM t', 'the text of a DOUBLE'],
    ['SELECT CAST(CAST(x AS NUMBER(10, 2)) AS VARCHAR) FROM t', 'the text of a NUMBER with digits behind the point'],
    ['SELECT SUM(n > 1) FROM t', 'a sum of booleans'],
    [`SELECT 1 AS "${'X'.repeat(256)}"`, 'a name of 256 characters'],
    ['SELECT MAX_BY(x, n) FROM t', 'the function MAX_BY'],
    ['SELECT CAST(ts AS TIMESTAMP_NTZ) FROM t', 'TIMESTAMP_NTZ without its 6 digits'],
    ['SELECT TO_TIMESTAMP_NTZ(n, 6) FROM t', 'TO_TIMESTAMP_NTZ that is not cast'],
    ['CREATE TABLE w (ts TIMESTAMP_NTZ)', 'TIMESTAMP_NTZ without its 6 digits'],
    ['SELECT * FROM t JOIN u ON t.k = u.k', 'SELECT * of several tables'],
    ['SELECT * FROM t, u', 'SELECT * of several tables'],
    ['SELECT t.*, u.* FROM t JOIN u ON t.k = u.k', 'SELECT * of several tables'],
    [
      'CREATE TABLE w AS SELECT a.*, b.y FROM (SELECT * FROM t, u) AS a JOIN u AS b ON a.k = b.k',
      'SELECT * of several tables',
    ],
    ['SELECT k AS start FROM t', 'the reserved word START'],
    ['SELECT k AS order FROM t', 'the reserved word ORDER'],
    ['SELECT rows.k FROM t AS rows', 'the reserved word ROWS'],
    ['SELECT t.row FROM t', 'the reserved word ROW'],
    ['SELECT LAST_VALUE(x) OVER (PARTITION BY k) FROM t', 'LAST_VALUE without ORDER BY'],
    [String.raw`SELECT '\x41'`, String.raw`the escape \x in a string`],
  ])('%s', async (text, why) => {
    expect(await refusal(text)).toContain(`The double refuses ${why}`)
  })

  it('divides whole numbers where the quotient is cast to one and nothing is left over, exactly at any size', async () => {
    expect(await column('SELECT CAST((n * 3) / 3 AS NUMBER(38, 0)) AS v FROM t ORDER BY ts')).toEqual([1, null, 3, 4])
    expect(
      await column('SELECT CAST((CAST(9007199254740993 AS NUMBER(38, 0)) * 1000003) / 1000003 AS NUMBER(19, 0)) AS v'),
    ).toEqual([9007199254740993n])
    expect(await refusal('SELECT CAST((n + 1) / 3 AS NUMBER(19, 0)) FROM t')).toContain(
      'only where nothing is left over',
    )
    expect(await refusal('SELECT CAST(n / 0 AS NUMBER(19, 0)) FROM t')).toContain('Division by zero')
  })

  it('makes no table or view with two columns of one name', async () => {
    for (const kind of ['TABLE', 'OR REPLACE TEMPORARY TABLE', 'VIEW']) {
      expect(await refusal(`CREATE ${kind} public.both AS SELECT t.k, u.k FROM t LEFT JOIN u ON t.k = u.k`)).toContain(
        "duplicate column name 'K'",
      )
      expect(await refusal(`CREATE ${kind} public.both AS SELECT t.*, u.k FROM t LEFT JOIN u ON t.k = u.k`)).toContain(
        "duplicate column name 'K'",
      )
    }
    expect((await warehouse.read(sql.raw('SELECT t.k, u.k FROM t LEFT JOIN u ON t.k = u.k'))).names).toEqual(['k', 'k'])
  })

  it('lets pass what does not depend on it', async () => {
    expect(await column('SELECT AVG(CAST(n AS DOUBLE)) AS v FROM t')).toEqual([8 / 3])
    expect(await column('SELECT CAST(SUM(n) AS DOUBLE) / COUNT(*) AS v FROM t')).toEqual([2])
    expect(await column('SELECT -x * 2 / n AS v FROM t ORDER BY ts')).toEqual([-1, null, -5 / 3, null])
    expect(await column('SELECT CAST(n AS VARCHAR) AS v FROM t ORDER BY ts')).toEqual(['1', null, '3', '4'])
    expect(await column('SELECT t.*, y AS z FROM (SELECT k FROM t WHERE n = 1) AS t LEFT JOIN u ON t.k = u.k')).toEqual(
      ['a'],
    )
  })
})
