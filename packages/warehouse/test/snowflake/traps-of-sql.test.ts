import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  bulkRead,
  columnBatch,
  ensureTable,
  evolveTable,
  openDuckDb,
  rowsOf,
  tableRef,
  upsert,
} from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { checkStatement } from '../snowflake-sql/check-statement.ts'
import { refused } from '../snowflake-sql/refused.ts'
import { json, SnowflakeDouble } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
let snowflake: Warehouse
let duckdb: Warehouse
beforeAll(async () => {
  double = await SnowflakeDouble.start()
  snowflake = await openDouble(double)
  duckdb = await openDuckDb()
})
afterAll(async () => {
  await duckdb.close()
  await snowflake.close()
  await double.stop()
})

const texts = (): readonly string[] =>
  double.requests.flatMap(({ body }) => (typeof body['sqlText'] === 'string' ? [body['sqlText']] : []))

describe('the traps of SQL', () => {
  it('a descending order that does not say where nulls go is refused', () => {
    for (const order of ['x DESC', 'y NULLS LAST, x DESC'])
      expect(checkStatement(`SELECT x FROM t ORDER BY ${order}`).refused).toEqual([
        expect.stringContaining('NULLS FIRST or LAST'),
      ])
    for (const order of ['x DESC NULLS LAST', 'x DESC NULLS FIRST', 'x', 'x ASC'])
      expect(checkStatement(`SELECT x FROM t ORDER BY ${order}`)).toEqual({ syntax: null, refused: [] })
  })

  it('a double keeps its 53 bits through a table, a bound value and a cast, on both engines', async () => {
    const value = 0.1 + 2 ** -50
    expect(Math.fround(value)).not.toBe(value)
    for (const warehouse of [duckdb, snowflake]) {
      await ensureTable(warehouse, { table: 'widths', columns: [{ name: 'd', type: 'double' }] })
      await warehouse.append('widths', columnBatch({ d: { type: 'double', values: [value] } }))
      const type = warehouse.leaves.columnType('double')
      expect(
        rowsOf(await warehouse.read(sql`SELECT d, ${value} AS bound, CAST('0.1' AS ${type}) AS text FROM widths`)),
      ).toEqual([{ d: value, bound: value, text: 0.1 }])
    }
  })

  it('a table is evolved by adding columns one by one, never by CREATE OR ALTER', async () => {
    await ensureTable(snowflake, {
      table: 'evolved',
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'text' },
      ],
    })
    await snowflake.append(
      'evolved',
      columnBatch({ a: { type: 'integer', values: [1] }, b: { type: 'text', values: ['kept'] } }),
    )
    const before = texts().length
    await evolveTable(snowflake, {
      table: 'evolved',
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'text' },
        { name: 'c', type: 'double' },
        { name: 'd', type: 'date' },
      ],
    })
    const changes = texts()
      .slice(before)
      .filter((text) => /^\s*(?:CREATE|ALTER|DROP)\b/.test(text) && !text.startsWith('ALTER SESSION'))
    expect(changes).toEqual([
      'ALTER TABLE "EVOLVED" ADD COLUMN "C" DOUBLE',
      'ALTER TABLE "EVOLVED" ADD COLUMN "D" DATE',
    ])
    expect(rowsOf(await snowflake.read(sql`SELECT * FROM evolved`))).toEqual([{ a: 1, b: 'kept', c: null, d: null }])
  })

  it('a name in three parts keeps all of them, which a table name of Kysely does not', async () => {
    expect(
      snowflake.db.schema.createTable('martlet.public.three').addColumn('x', 'integer').compile().sql,
    ).not.toContain('THREE')
    expect(snowflake.compile(sql`SELECT * FROM ${tableRef('martlet.public.three')}`).sql).toBe(
      'SELECT * FROM "MARTLET"."PUBLIC"."THREE"',
    )
    await ensureTable(snowflake, { table: 'martlet.public.three', columns: [{ name: 'x', type: 'integer' }] })
    expect(await snowflake.introspect('three')).toHaveLength(1)
  })

  it('other code of the process that sets the SDK otherwise does not change what is read', async () => {
    const { default: sdk } = await import('snowflake-sdk')
    sdk.createConnection({
      account: 'other',
      accessUrl: double.url,
      username: 'u',
      password: 'p',
      representNullAsStringNull: true,
    })
    expect(
      rowsOf(
        await snowflake.read(
          sql`SELECT CAST(NULL AS NUMBER(19, 0)) AS n, CAST(NULL AS DOUBLE) AS d, CAST(NULL AS NUMBER(10, 0)) AS i,
            'NULL' AS t, CAST('2024-01-01' AS DATE) AS day`,
        ),
      ),
    ).toEqual([{ n: null, d: null, i: null, t: 'NULL', day: new Date('2024-01-01') }])
    sdk.createConnection({
      account: 'other',
      accessUrl: double.url,
      username: 'u',
      password: 'p',
      representNullAsStringNull: false,
    })
  })

  it('a VARIANT that other code reads is its text, and runs nothing', async () => {
    const { default: sdk } = await import('snowflake-sdk')
    const connection = sdk.createConnection({ account: 'other', accessUrl: double.url, username: 'u', password: 'p' })
    await new Promise<void>((resolve, reject) =>
      connection.connect((error) => (error == null ? resolve() : reject(error))),
    )
    double.fault = (request, response) => {
      if (request.path !== '/queries/v1/query-request') return false
      json(response, {
        success: true,
        code: null,
        message: null,
        data: {
          parameters: [],
          rowtype: [{ name: 'V', type: 'variant', nullable: true }],
          rowset: [['globalThis.variantRan = true']],
          total: 1,
          returned: 1,
          queryId: 'q',
          version: 1,
          statementTypeId: 0x1000,
        },
      })
      return true
    }
    const rows = await new Promise((resolve, reject) =>
      connection.execute({
        sqlText: 'SELECT v',
        complete: (error, _, found) => (error == null ? resolve(found) : reject(error)),
      }),
    )
    double.fault = () => false
    expect(rows).toEqual([{ V: 'globalThis.variantRan = true' }])
    expect('variantRan' in globalThis).toBe(false)
    connection.destroy(() => undefined)
  })

  it('no table gets a primary key or an index', async () => {
    await ensureTable(duckdb, {
      table: 'keyed',
      columns: [
        { name: 'id', type: 'text', nullable: false },
        { name: 'x', type: 'double' },
      ],
      clusterBy: ['id'],
    })
    await upsert(duckdb, {
      table: 'keyed',
      key: ['id'],
      columns: ['id', 'x'],
      source: sql`SELECT 'a' AS id, CAST(1 AS DOUBLE) AS x`,
    })
    const constraints = sql`SELECT constraint_type FROM duckdb_constraints() WHERE table_name = 'keyed'
      AND constraint_type <> 'NOT NULL' UNION ALL SELECT index_name FROM duckdb_indexes()`
    expect(rowsOf(await duckdb.read(constraints))).toEqual([])
  })

  it('times are unloaded to files as whole numbers, and every value comes back as its column has it', async () => {
    const at = 1_709_210_096_789_123n
    const query = sql`SELECT ${snowflake.leaves.timestamp(at)} AS seen, CAST('12345678901234567' AS NUMBER(38, 0)) AS wide,
      CAST('NaN' AS DOUBLE) AS d, CAST('7' AS NUMBER(10, 0)) AS i, CAST('2024-02-29' AS DATE) AS day`
    const batches = []
    for await (const batch of bulkRead(snowflake, query)) batches.push(batch)
    expect(
      texts()
        .filter((text) => text.startsWith('COPY INTO'))
        .at(-1),
    ).toContain('DATE_PART(EPOCH_MICROSECOND, "SEEN")')
    expect(batches.flatMap(({ columns }) => columns.map(({ type, values }) => [type, values[0]]))).toEqual([
      ['timestamp', at],
      ['bigint', 12_345_678_901_234_567n],
      ['double', Number.NaN],
      ['integer', 7],
      ['date', 19_782],
    ])
  })

  it('the list refuses more than the parser', () => {
    const wrong = refused
      .filter(({ onSnowflake }) => onSnowflake === undefined)
      .map(({ statement }) => checkStatement(statement))
    expect(wrong.filter(({ syntax, refused: problems }) => syntax === null && problems.length === 0)).toEqual([])
    expect(wrong.filter(({ syntax }) => syntax === null).length).toBeGreaterThan(wrong.length / 2)
  })

  it('every page that speaks of Snowflake says that no account has run it', () => {
    const docs = join(import.meta.dirname, '../../../../docs')
    const pages = readdirSync(docs).filter(
      (name) => name.startsWith('snowflake') && name.endsWith('.md') && name !== 'snowflake-verification.md',
    )
    expect(pages).toEqual(expect.arrayContaining(['snowflake.md', 'snowflake-sql.md']))
    for (const page of pages)
      expect(readFileSync(join(docs, page), 'utf8').slice(0, 600), page).toMatch(
        /\*\*(?:Nothing|No statement) on this page has run on a Snowflake account\.?\*\*/,
      )
  })
})
