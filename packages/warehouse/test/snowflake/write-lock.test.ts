import { openDuckDb, openLockedSchema, sql } from '@martlet/warehouse'
import type { Kysely } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf } from '../support/errors.ts'
import { SnowflakeDouble, statementOf } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

interface Tables {
  counters: { name: string; value: number }
}

let double: SnowflakeDouble
beforeAll(async () => {
  double = await SnowflakeDouble.start()
  await using warehouse = await openDouble(double)
  const db = await openLockedSchema<Tables>(warehouse, 'state')
  await db.schema.createTable('counters').addColumn('name', 'text').addColumn('value', 'bigint').execute()
  await db.insertInto('counters').values({ name: 'all', value: 0 }).execute()
})
afterAll(() => double.stop())

const sent = (): string[] => double.requests.map(statementOf).filter((text) => text !== '')
const valueOf = async (db: Kysely<Tables>): Promise<number | undefined> =>
  (await db.selectFrom('counters').select('value').executeTakeFirst())?.value

test(
  'what a transaction reads stays true until it commits: none of many increments from several sessions is lost',
  { timeout: 60_000 },
  async () => {
    const before = double.requests.length
    const warehouses = await Promise.all([1, 2, 3].map(() => openDouble(double)))
    const dbs = await Promise.all(warehouses.map((warehouse) => openLockedSchema<Tables>(warehouse, 'state')))
    await Promise.all(
      dbs.map(async (db) => {
        for (let step = 0; step < 5; step++) {
          await db.transaction().execute(async (transaction) => {
            const value = (await valueOf(transaction)) ?? Number.NaN
            await transaction
              .updateTable('counters')
              .set({ value: value + 1 })
              .execute()
          })
        }
      }),
    )
    expect(await valueOf(dbs[0]!)).toBe(15)
    for (const warehouse of warehouses) await warehouse.close()
    expect(
      sent()
        .slice(before)
        .filter((text) => text.startsWith('CREATE')),
    ).toEqual([])
  },
)

test('the first statement of every transaction takes the lock, before anything is read', async () => {
  await using warehouse = await openDouble(double)
  const db = await openLockedSchema<Tables>(warehouse, 'state')
  const before = sent().length
  await db.transaction().execute(valueOf)
  expect(sent().slice(before)).toEqual([
    'BEGIN',
    'UPDATE "STATE"."WRITE_LOCK" SET turn = turn + 1',
    'select "VALUE" from "STATE"."COUNTERS"',
    'COMMIT',
  ])
})

test(
  'a transaction that was left open by a dead process is waited for until Snowflake rolls it back',
  { timeout: 30_000 },
  async () => {
    await using dead = await openDouble(double)
    await using alive = await openDouble(double)
    const abandoned = await openLockedSchema<Tables>(dead, 'state')
    const held = Promise.withResolvers<void>()
    const left = abandoned.transaction().execute(async (transaction) => {
      await transaction.updateTable('counters').set({ value: -1 }).execute()
      await held.promise
    })
    const db = await openLockedSchema<Tables>(alive, 'state')
    const before = await valueOf(db)
    const seen = await db.transaction().execute(valueOf)
    expect(seen).toBe(before)
    held.resolve()
    await expect(left).rejects.toThrow('aborted')
    expect(await valueOf(db)).toBe(before)
  },
)

test('a lock that is not let go is an error that says so, and nothing is changed', { timeout: 30_000 }, async () => {
  await using holder = await openDouble(double)
  await using other = await openDouble(double)
  const release = Promise.withResolvers<void>()
  const taken = Promise.withResolvers<void>()
  const holding = (await openLockedSchema<Tables>(holder, 'state')).transaction().execute(async () => {
    taken.resolve()
    await release.promise
  })
  await taken.promise
  const db = await openLockedSchema<Tables>(other, 'state', { patienceMs: 200 })
  const before = await valueOf(db)
  expect(
    await codeOf(
      db.transaction().execute((transaction) => transaction.updateTable('counters').set({ value: -1 }).execute()),
    ),
  ).toMatchObject({ code: 'CATALOG_BUSY' })
  release.resolve()
  await holding
  expect(await valueOf(db)).toBe(before)
})

test(
  'a COMMIT whose answer is lost may have taken place, and the error says that nobody knows',
  { timeout: 60_000 },
  async () => {
    await using warehouse = await openDouble(double, { timeoutSeconds: 1 })
    const db = await openLockedSchema<Tables>(warehouse, 'state')
    double.faultAfter = (request) => statementOf(request) === 'COMMIT'
    try {
      const lost = db
        .transaction()
        .execute((transaction) => transaction.updateTable('counters').set({ value: 77 }).execute())
      expect(await codeOf(lost)).toMatchObject({
        code: 'COMMIT_UNKNOWN',
        message: expect.stringContaining('Check what is there'),
      })
      expect(
        await codeOf(warehouse.transaction((inside) => inside.run(sql`UPDATE state.counters SET value = 78`))),
      ).toMatchObject({ code: 'COMMIT_UNKNOWN' })
    } finally {
      double.faultAfter = () => false
    }
    expect(await valueOf(db)).toBe(78)
  },
)

test('two rows of the lock do no harm', async () => {
  await using warehouse = await openDouble(double)
  await warehouse.run(sql`INSERT INTO state.write_lock (turn) VALUES (0)`)
  const db = await openLockedSchema<Tables>(warehouse, 'state')
  await db.transaction().execute((transaction) => transaction.updateTable('counters').set({ value: 5 }).execute())
  expect(await valueOf(db)).toBe(5)
})

test('whole numbers come as numbers where one holds them, and exact beyond', async () => {
  await using warehouse = await openDouble(double)
  const db = await openLockedSchema<Tables>(warehouse, 'state')
  const { rows } =
    await sql`SELECT CAST('9007199254740992' AS NUMBER(38, 0)) AS big, CAST('-9007199254740991' AS NUMBER(38, 0)) AS small`.execute(
      db,
    )
  expect(rows).toEqual([{ big: 9_007_199_254_740_992n, small: -9_007_199_254_740_991 }])
})

test('another engine is refused', async () => {
  await using warehouse = await openDuckDb()
  expect(await codeOf(openLockedSchema(warehouse, 'state'))).toMatchObject({ code: 'SNOWFLAKE_NEEDED' })
})
