import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import { readViewPlan } from '../../src/catalog/plan-json.ts'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  label,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  precomputed,
  toMicros,
} from '../../src/index.ts'

/** `id` is the customer's here, and the order's there: the columns of both tables as people have them. */
const customer = entity('customer', { id: z.string() })
const shop = entity('shop', { shop_id: z.int() })
const orders = fact('mart.orders', {
  columns: { id: z.string(), cust_no: z.string(), shop_no: z.int(), ordered_on: z.date(), amount: z.number() },
  entities: [customer.from({ id: 'cust_no' }), shop.from({ shop_id: 'shop_no' })],
  eventTime: 'ordered_on',
})
const people = dimension('mart.people', {
  columns: { person: z.string(), city: z.string(), since: z.date() },
  entity: customer.from({ id: 'person' }),
  validFrom: 'since',
})
const scores = precomputed('mart.scores', {
  columns: { who: z.string(), made: z.date(), score: z.number() },
  entity: customer.from({ id: 'who' }),
  time: 'made',
})

const spent = featureView('spent', {
  of: customer,
  from: orders,
  every: '1d',
  population: people,
  features: (f) => ({
    amount: f.sum('amount').over('7d'),
    orders: f.distinct('id').over('7d'),
    city: f.attribute(people, 'city'),
  }),
})
const sold = featureView('sold', {
  of: shop,
  from: orders,
  every: '1d',
  features: (f) => ({ amount: f.sum('amount').over('7d') }),
})
const scored = featureView('scored', {
  of: customer,
  from: scores,
  every: '1d',
  features: (f) => ({ score: f.column('score') }),
})
const placed = featureView('placed', {
  of: customer,
  from: people,
  every: '1d',
  features: (f) => ({ city: f.attribute('city') }),
})
const service = featureService('s', [spent, sold, scored, placed])
const next = label('next_amount', { of: customer, from: orders, value: (f) => f.sum('amount').ahead('1d') })

test('keys that are called differently in each table reach tables, training sets and online, and the checks of rows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-keys-'))
  try {
    await using warehouse = await openTestWarehouse()
    await using catalog = await openCatalog({ path: join(folder, 'catalog.db') })
    await using online = openMemoryStore()
    const type = warehouse.leaves.columnType
    const at = (text: string) => warehouse.leaves.timestamp(toMicros(text))
    await warehouse.run(sql`CREATE SCHEMA mart`)
    await warehouse.run(
      sql`CREATE TABLE mart.orders (id ${type('text')}, cust_no ${type('text')}, shop_no ${type('bigint')},
        ordered_on ${type('timestamp')}, amount ${type('double')})`,
    )
    await warehouse.run(
      sql`CREATE TABLE mart.people (person ${type('text')}, city ${type('text')}, since ${type('timestamp')})`,
    )
    await warehouse.run(
      sql`CREATE TABLE mart.scores (who ${type('text')}, made ${type('timestamp')}, score ${type('double')})`,
    )
    await warehouse.run(
      sql`
        INSERT INTO mart.orders
        VALUES ('o1', 'ann', 7, ${at('2024-01-02T10:00Z')}, 5), ('o2', 'ann', 8, ${at('2024-01-03T10:00Z')}, 2.5),
          ('o3', 'bob', 7, ${at('2024-01-03T11:00Z')}, 1), ('ann', 'bob', 7, ${at('2024-01-04T12:00Z')}, 4)
      `,
    )
    await warehouse.run(
      sql`INSERT INTO mart.people VALUES ('ann', 'Bern', ${at('2024-01-01')}), ('bob', 'Zurich', ${at('2024-01-01')})`,
    )
    await warehouse.run(
      sql`INSERT INTO mart.scores VALUES ('ann', ${at('2024-01-02')}, 0.5), ('bob', ${at('2024-01-03')}, 0.25)`,
    )
    const now = toMicros('2024-01-04T01:00Z')
    const done = await materialize({ warehouse, catalog, online, views: [spent, sold, scored, placed], now })
    expect(
      done.flatMap(({ findings }) => findings.filter(({ check }) => check === 'duplicates' || check === 'missing')),
    ).toEqual([])
    const keys = [
      { id: 'ann', shop_id: 7 },
      { id: 'bob', shop_id: 8 },
    ]
    const expected = [
      [7.5, 2, 'Bern', 6, 0.5, 'Bern'],
      [1, 1, 'Zurich', 2.5, 0.25, 'Zurich'],
    ]
    const vectors = await openOnlineReader({ service: service.plan, store: online }).read(keys, { now })
    const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)
    expect([0, 1].map((row) => vectors.fields.map((_, field) => plain(vectors.value(row, field))))).toEqual(expected)
    const spine = sql.join(
      keys.map(
        ({ id, shop_id }) =>
          sql`SELECT ${id} AS id, CAST(${sql.lit(shop_id)} AS ${type('bigint')}) AS shop_id, ${at('2024-01-04T01:00Z')} AS asked`,
      ),
      sql` UNION ALL `,
    )
    for (const from of ['facts', 'materialized'] as const) {
      const set = await buildTrainingSet({
        warehouse,
        catalog,
        service,
        labels: [next],
        time: 'asked',
        asOf: new Date('2024-02-01Z'),
        from,
        spine: { query: spine },
      })
      const rows = rowsOf(await set.read()).toSorted((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1))
      expect(rows.map((row) => [...set.features, ...set.labels].map((name) => plain(row[name])))).toEqual([
        [...(expected[0] ?? []), 0],
        [...(expected[1] ?? []), 4],
      ])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('the mapping is part of the definition: another column is another hash, and it comes back from the catalog as it was', () => {
  const other = fact('mart.orders', {
    columns: { id: z.string(), other_no: z.string(), cust_no: z.string(), ordered_on: z.date(), amount: z.number() },
    entities: [customer.from({ id: 'other_no' })],
    eventTime: 'ordered_on',
  })
  const make = (from: typeof other | typeof plainOrders) =>
    featureView('v', { of: customer, from, every: '1d', features: (f) => ({ n: f.count().over('1d') }) }).plan
  const plainOrders = fact('mart.orders', {
    columns: { id: z.string(), other_no: z.string(), cust_no: z.string(), ordered_on: z.date(), amount: z.number() },
    entities: [customer.from({ id: 'cust_no' })],
    eventTime: 'ordered_on',
  })
  expect(make(other).hash).not.toBe(make(plainOrders).hash)
  expect(readViewPlan(JSON.stringify(make(other)), 'the test')).toEqual(make(other))
  const same = { id: z.string(), ordered_on: z.date() }
  expect(
    fact('mart.orders', { columns: same, entities: [customer.from({ id: 'id' })], eventTime: 'ordered_on' }).plan,
  ).toEqual(fact('mart.orders', { columns: same, entities: [customer], eventTime: 'ordered_on' }).plan)
})
