import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { duckDbLeaves as leaves, openDuckDb, rowsOf, snowflakeLeaves } from '@martlet/warehouse'
import type { ColumnType, Sql, Warehouse } from '@martlet/warehouse'
import { textOf } from '../support/leaf.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

const text = (leaf: Sql) => textOf(warehouse, leaf)
const rows = async (query: Sql) => rowsOf(await warehouse.read(query))

describe('asofJoin', () => {
  const join = (operator: '>=' | '>' | '<=' | '<') => ({
    left: sql`spine AS s`,
    right: sql`facts AS f`,
    on: [[sql.ref('s.k'), sql.ref('f.k')]] as const,
    match: { left: sql.ref('s.t'), operator, right: sql.ref('f.t') },
  })
  const facts = sql`WITH spine(id, k, t) AS (VALUES (1, 'a', 5), (2, 'a', 2), (3, 'b', 9), (4, 'a', 1), (5, 'a', 5)),
    facts(k, t, v) AS (VALUES ('a', 2, 'two'), ('a', 5, 'five'), ('c', 1, 'other'))`

  it('prints', () => {
    expect(text(leaves.asofJoin(join('>=')))).toBe(
      'spine AS s ASOF LEFT JOIN facts AS f ON "s"."k" = "f"."k" AND "s"."t" >= "f"."t"',
    )
    expect(text(snowflakeLeaves.asofJoin(join('>=')))).toBe(
      'spine AS s ASOF JOIN facts AS f MATCH_CONDITION ("s"."t" >= "f"."t") ON "s"."k" = "f"."k"',
    )
    expect(text(snowflakeLeaves.asofJoin({ ...join('<'), on: [] }))).toBe(
      'spine AS s ASOF JOIN facts AS f MATCH_CONDITION ("s"."t" < "f"."t")',
    )
  })

  it("gives every left row once, with the nearest match on the given side or nulls, in both of DuckDB's plans", async () => {
    for (const threshold of [64, 0]) {
      await warehouse.session(async (session) => {
        await session.run(sql`SET asof_loop_join_threshold = ${sql.lit(threshold)}`)
        const matched = async (operator: '>=' | '>' | '<=' | '<') =>
          rowsOf(
            await session.read(sql`${facts} SELECT s.id, f.v FROM ${leaves.asofJoin(join(operator))} ORDER BY s.id`),
          ).map((row) => row['v'])
        expect(await matched('>=')).toEqual(['five', 'two', null, null, 'five'])
        expect(await matched('>')).toEqual(['two', null, null, null, 'two'])
        expect(await matched('<=')).toEqual(['five', 'two', null, 'two', 'five'])
        expect(await matched('<')).toEqual([null, 'five', null, 'two', null])
      })
    }
  })

  it("leaves a null time to the caller, because one of DuckDB's two plans matches it with the last row", async () => {
    const query = sql`SELECT f.v FROM ${leaves.asofJoin({
      left: sql`(SELECT 'a' AS k, CAST(NULL AS INTEGER) AS t) AS s`,
      right: sql`(VALUES ('a', 1, 'first'), ('a', 2, 'last')) AS f(k, t, v)`,
      on: [[sql`s.k`, sql`f.k`]],
      match: { left: sql`s.t`, operator: '>=', right: sql`f.t` },
    })}`
    await warehouse.session(async (session) => {
      await session.run(sql`SET asof_loop_join_threshold = 64`)
      expect(rowsOf(await session.read(query))).toEqual([{ v: null }])
      await session.run(sql`SET asof_loop_join_threshold = 0`)
      expect(rowsOf(await session.read(query))).toEqual([{ v: 'last' }])
    })
  })
})

describe('series', () => {
  it('prints', () => {
    const range = { from: sql.ref('t.a'), to: sql.ref('t.b'), alias: 's', column: 'n' }
    expect(text(leaves.series(range))).toBe(
      'UNNEST(range(CAST("t"."a" AS BIGINT), CAST("t"."b" AS BIGINT))) AS "s"("n")',
    )
    expect(text(snowflakeLeaves.series(range))).toBe(
      'LATERAL (SELECT CAST(VALUE AS NUMBER(19, 0)) AS "n" FROM TABLE(FLATTEN(INPUT => ARRAY_GENERATE_RANGE("t"."a", "t"."b")))) AS "s"',
    )
  })

  it('gives each row of the table before it its own integers', async () => {
    const range = leaves.series({ from: sql`t.a`, to: sql`t.b`, alias: 's', column: 'n' })
    const values = sql`(VALUES (1, -2, 1), (2, 5, 5), (3, NULL, 2), (4, 3, 1), (1, -2, 1), (5, 0, 1)) AS t(id, a, b)`
    const found = await rows(sql`SELECT t.id, s.n FROM ${values}, ${range} ORDER BY t.id, s.n`)
    expect(found.map(({ id, n }) => [id, n])).toEqual([
      [1, -2],
      [1, -2],
      [1, -1],
      [1, -1],
      [1, 0],
      [1, 0],
      [5, 0],
    ])
    expect((await warehouse.read(sql`SELECT s.n FROM (SELECT 0 AS a, 1 AS b) AS t, ${range}`)).columns[0]?.type).toBe(
      'bigint',
    )
  })
})

describe('createTableAs and clusterBy', () => {
  const query = sql`SELECT x FROM (VALUES (3), (1), (2)) AS t(x)`
  const options = { clusterBy: [sql.ref('x')], temporary: true, replace: true }

  it('print', () => {
    const body = 'SELECT * FROM (SELECT x FROM (VALUES (3), (1), (2)) AS t(x)) AS rows_to_write ORDER BY "x"'
    expect(text(leaves.createTableAs('a.b', query, options))).toBe(
      `CREATE OR REPLACE TEMPORARY TABLE "a"."b" AS ${body}`,
    )
    // A clustering key demands defined columns: without them rows are only sorted.
    expect(text(snowflakeLeaves.createTableAs('a.b', query, options))).toBe(
      `CREATE OR REPLACE TEMPORARY TABLE "a"."b" AS ${body}`,
    )
    const columns = [{ name: 'x', type: 'integer', nullable: false }] as const
    expect(text(snowflakeLeaves.createTableAs('a.b', query, { ...options, columns }))).toBe(
      `CREATE OR REPLACE TEMPORARY TABLE "a"."b" ("x" NUMBER(10, 0) NOT NULL) CLUSTER BY ("x") AS ${body}`,
    )
    expect(text(leaves.createTableAs('a.b', query, { ...options, columns }))).toBe(
      `CREATE OR REPLACE TEMPORARY TABLE "a"."b" AS ${body}`,
    )
    expect(text(leaves.createTableAs('b', query))).toBe(
      'CREATE TABLE "b" AS SELECT x FROM (VALUES (3), (1), (2)) AS t(x)',
    )
    expect(text(snowflakeLeaves.clusterBy([sql.ref('a'), sql.ref('b')]))).toBe('CLUSTER BY ("a", "b")')
    expect(text(leaves.clusterBy([sql.ref('a')]))).toBe('')
  })

  it('writes rows in order and tells how many', async () => {
    await warehouse.session(async (session) => {
      expect(await session.run(leaves.createTableAs('ordered', query, options))).toBe(3)
      expect(rowsOf(await session.read(sql`SELECT x FROM ordered ORDER BY rowid`)).map(({ x }) => x)).toEqual([1, 2, 3])
    })
  })
})

describe('columnType', () => {
  it('prints', () => {
    const types: readonly ColumnType[] = [
      'boolean',
      'integer',
      'bigint',
      'double',
      'text',
      'timestamp',
      'date',
      { decimal: [18, 2] },
    ]
    expect(types.map((type) => text(leaves.columnType(type)))).toEqual([
      'BOOLEAN',
      'INTEGER',
      'BIGINT',
      'DOUBLE',
      'VARCHAR',
      'TIMESTAMP',
      'DATE',
      'DECIMAL(18, 2)',
    ])
    expect(types.map((type) => text(snowflakeLeaves.columnType(type)))).toEqual([
      'BOOLEAN',
      'NUMBER(10, 0)',
      'NUMBER(19, 0)',
      'DOUBLE',
      'VARCHAR',
      'TIMESTAMP_NTZ(6)',
      'DATE',
      'NUMBER(18, 2)',
    ])
    for (const decimal of [
      [0, 0],
      [39, 0],
      [10, 11],
      [10, -1],
      [1.5, 0],
    ] as const)
      expect(() => leaves.columnType({ decimal })).toThrow(/38 digits/)
  })
})
