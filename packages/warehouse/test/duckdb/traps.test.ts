import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, rowsOf } from '@martlet/warehouse'
import type { Sql, Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { valueOf } from '../support/leaf.ts'

// What differs between engines and would change answers in silence. Each test shows the trap on DuckDB and the way around it.

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const value = (expression: Sql) => valueOf(warehouse, sql`SELECT ${expression} AS v`)

describe('traps', () => {
  it('nulls come last in both directions unless said otherwise', async () => {
    const order = async (by: Sql) =>
      rowsOf(await warehouse.read(sql`SELECT x FROM (VALUES (1), (NULL), (2)) AS t(x) ORDER BY ${by}`)).map(
        ({ x }) => x,
      )
    expect(await order(sql`x`)).toEqual([1, 2, null])
    expect(await order(sql`x DESC`)).toEqual([2, 1, null])
    expect(await order(sql`x DESC NULLS FIRST`)).toEqual([null, 2, 1])
  })

  it('arg_max skips rows whose value is null; row_number does not', async () => {
    const rows = sql`(VALUES (1, 'old'), (2, NULL)) AS t(ts, v)`
    expect(await valueOf(warehouse, sql`SELECT arg_max(v, ts) AS v FROM ${rows}`)).toBe('old')
    expect(
      await valueOf(
        warehouse,
        sql`SELECT v FROM (SELECT v, row_number() OVER (ORDER BY ts DESC NULLS LAST) AS n FROM ${rows}) WHERE n = 1`,
      ),
    ).toBeNull()
  })

  it('a plain ASOF JOIN drops left rows; the leaf keeps them', async () => {
    const left = sql`(SELECT 'a' AS k, 1 AS t) AS s`
    const right = sql`(SELECT 'b' AS k, 0 AS t) AS f`
    expect(
      (await warehouse.read(sql`SELECT s.k FROM ${left} ASOF JOIN ${right} ON s.k = f.k AND s.t >= f.t`)).rows,
    ).toBe(0)
    const join = leaves.asofJoin({
      left,
      right,
      on: [[sql`s.k`, sql`f.k`]],
      match: { left: sql`s.t`, operator: '>=', right: sql`f.t` },
    })
    expect((await warehouse.read(sql`SELECT s.k FROM ${join}`)).rows).toBe(1)
  })

  it('7-day buckets of time_bucket do not begin at the epoch; integer division does', async () => {
    const ts = sql`TIMESTAMP '2024-01-10 12:00:00'`
    const week = 7 * 86_400_000_000
    const aligned = leaves.fromEpochMicros(sql`${leaves.floorDivide(leaves.epochMicros(ts), week)} * ${sql.lit(week)}`)
    expect(await value(sql`time_bucket(INTERVAL '7 days', ${ts})`)).toEqual(new Date('2024-01-08T00:00:00Z'))
    expect(await value(aligned)).toEqual(new Date('2024-01-04T00:00:00Z'))
    expect(new Date('2024-01-04').getTime() % (week / 1000)).toBe(0)
  })

  it('sums of integers are 128 bits wide and arrive as doubles', async () => {
    const { columns } = await warehouse.read(
      sql`SELECT SUM(x) AS s FROM (VALUES (9223372036854775807::BIGINT), (1)) AS t(x)`,
    )
    expect(columns[0]).toEqual({ type: 'double', values: Float64Array.of(2 ** 63), nulls: null })
  })

  it('a whole-number parameter is a BIGINT, so a function that takes only INTEGER wants a literal', async () => {
    expect((await codeOf(warehouse.read(sql`SELECT round(1.2345::DOUBLE, ${2}) AS v`))).code).toBe('SQL_FAILED')
    expect(await value(sql`round(1.2345::DOUBLE, ${sql.lit(2)})`)).toBe(1.23)
  })

  it('an expression with parameters differs from its copy in GROUP BY; leaves print their constants', async () => {
    const rows = sql`(VALUES (1), (2), (8)) AS t(x)`
    const bucket = leaves.floorDivide(sql`x`, 7)
    expect(
      rowsOf(
        await warehouse.read(sql`SELECT ${bucket} AS b, COUNT(*) AS n FROM ${rows} GROUP BY ${bucket} ORDER BY b`),
      ),
    ).toEqual([
      { b: 0, n: 2 },
      { b: 1, n: 1 },
    ])
    expect((await codeOf(warehouse.read(sql`SELECT x + ${7} AS b FROM ${rows} GROUP BY x + ${7}`))).code).toBe(
      'SQL_FAILED',
    )
  })

  it('extensions are never fetched from the network', async () => {
    for (const setting of ['autoinstall_known_extensions', 'autoload_known_extensions'])
      expect(await value(sql`current_setting(${setting})`)).toBe(false)
    expect((await codeOf(warehouse.read(sql`SELECT * FROM read_parquet('https://127.0.0.1:1/x.parquet')`))).code).toBe(
      'SQL_FAILED',
    )
  })
})
