import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.db.schema
    .createTable('reading')
    .addColumn('id', 'integer', (column) => column.notNull())
    .addColumn('kwh', 'double precision')
    .addColumn('ts', 'timestamp', (column) => column.defaultTo(sql`TIMESTAMP '1970-01-01'`))
    .execute()
})
afterAll(() => warehouse.close())

describe('the Kysely of a DuckDB warehouse', () => {
  it('returns the rows of INSERT, UPDATE and DELETE with RETURNING', async () => {
    const { db } = warehouse
    expect(
      await db
        .insertInto('reading')
        .values([
          { id: 1, kwh: 1.5 },
          { id: 2, kwh: null },
        ])
        .returningAll()
        .execute(),
    ).toEqual([
      { id: 1, kwh: 1.5, ts: new Date(0) },
      { id: 2, kwh: null, ts: new Date(0) },
    ])
    expect(await db.updateTable('reading').set({ kwh: 2 }).where('id', '=', 2).returning('kwh').execute()).toEqual([
      { kwh: 2 },
    ])
    expect(await db.deleteFrom('reading').where('id', '=', 2).returning('id').executeTakeFirst()).toEqual({ id: 2 })
  })

  it('counts under any name, also one that looks like a mutation', async () => {
    const counted = await warehouse.db
      .selectFrom('reading')
      .select((e) => [e.fn.countAll().as('count'), e.fn.countAll().as('Count')])
      .execute()
    expect(counted).toEqual([{ count: 1, Count: 1 }])
  })

  it('runs transactions that commit, roll back and do not nest', async () => {
    const { db } = warehouse
    await db.transaction().execute((trx) => trx.insertInto('reading').values({ id: 3 }).execute())
    await expect(
      db.transaction().execute(async (trx) => {
        await trx.deleteFrom('reading').execute()
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await db.selectFrom('reading').select('id').orderBy('id').execute()).toEqual([{ id: 1 }, { id: 3 }])
    await warehouse.transaction(async (transaction) => {
      expect((await codeOf(transaction.db.transaction().execute(async () => undefined))).code).toBe(
        'TRANSACTION_NESTED',
      )
      expect(await transaction.db.deleteFrom('reading').where('id', '=', 3).executeTakeFirst()).toEqual({
        numDeletedRows: 1n,
      })
    })
    expect(
      (
        await codeOf(
          db
            .transaction()
            .setIsolationLevel('serializable')
            .execute(async () => undefined),
        )
      ).code,
    ).toBe('TRANSACTION_SETTINGS')
  })

  it('streams', async () => {
    const ids: unknown[] = []
    for await (const row of warehouse.db
      .selectFrom(sql<{ i: number }>`range(5000)`.as('r'))
      .selectAll()
      .stream(100))
      ids.push(row)
    expect(ids).toHaveLength(5000)
    expect(ids.at(-1)).toEqual({ range: 4999 })
  })

  it('tells schemas, tables, views and columns', async () => {
    await warehouse.run(sql`CREATE VIEW recent AS SELECT id FROM reading`)
    const tables = await warehouse.db.introspection.getTables()
    expect((await warehouse.db.introspection.getSchemas()).map(({ name }) => name)).toContain('main')
    expect(tables.map(({ schema, name, isView }) => [schema, name, isView])).toEqual([
      ['main', 'reading', false],
      ['main', 'recent', true],
    ])
    expect(
      tables[0]?.columns.map(({ name, dataType, isNullable, hasDefaultValue }) => [
        name,
        dataType,
        isNullable,
        hasDefaultValue,
      ]),
    ).toEqual([
      ['id', 'INTEGER', false, false],
      ['kwh', 'DOUBLE', true, false],
      ['ts', 'TIMESTAMP', true, true],
    ])
  })

  it('stops a query by its signal and goes on', async () => {
    const stop = new AbortController()
    const query = sql`SELECT SUM(a.range * b.range) AS s FROM range(1000000) AS a, range(1000000) AS b`.execute(
      warehouse.db,
      { signal: stop.signal },
    )
    setTimeout(() => stop.abort(), 30)
    await expect(query).rejects.toThrow(/abort/i)
    expect(await warehouse.db.selectFrom('reading').select('id').limit(1).execute()).toHaveLength(1)
  })
})
