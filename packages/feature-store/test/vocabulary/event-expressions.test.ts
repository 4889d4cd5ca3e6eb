import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  checkView,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
} from '../../src/index.ts'

const customer = entity('customer', { customer: z.string() })
const sales = fact('sales', {
  columns: { customer: z.string(), ts: z.date(), quantity: z.int(), price: z.number().nullable() },
  entities: [customer],
  eventTime: 'ts',
})
const billed = sales.with((r) => ({ revenue: r.quantity.mul(r.price), pairs: r.quantity.mul(2) }))

async function mart(values: string) {
  const warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE sales (customer VARCHAR, ts TIMESTAMP, quantity BIGINT, price DOUBLE)`)
  await warehouse.run(sql`INSERT INTO sales VALUES ${sql.raw(values)}`)
  return warehouse
}

test('aggregates see the value of each event, labels too', async () => {
  await using warehouse = await mart(
    `('a', '2024-01-01 10:00', 2, 1.5), ('a', '2024-01-01 11:00', 3, NULL), ('a', '2024-01-01 12:00', 4, 0.25),
     ('a', '2024-01-02 12:00', 10, 7)`,
  )
  const view = featureView('v', {
    of: customer,
    from: billed,
    every: '1d',
    features: (f) => ({
      revenue: f.sum('revenue').over('1d'), // 3 and 1; null where the price is
      n: f
        .count()
        .where((r) => r.revenue.ge(1))
        .over('1d'),
      best: f.max((r) => r.quantity.mul(r.price).add(1)).over('1d'),
      units: f.sum((r) => r.pairs.add(1)).over('1d'), // 5, 7 and 9, exactly
      per: f.ratio(f.sum('revenue'), f.sum('pairs')).over('1d'),
    }),
  })
  const next = label('next', { of: customer, from: billed, value: (f) => f.sum((r) => r.revenue.mul(2)).ahead('1d') })
  const large = label('large', {
    of: customer,
    value: happens(billed).within('1d', { where: (r) => r.revenue.gt(69) }),
  })
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    labels: [next, large],
    spine: { query: sql`SELECT 'a' AS customer, TIMESTAMP '2024-01-02' AS at` },
    time: 'at',
    asOf: new Date('2024-01-09'),
  })
  expect(rowsOf(await set.read())).toMatchObject([
    { v__revenue_1d: 4, v__n_1d: 2, v__best_1d: 4, v__units_1d: 21, v__per_1d: 4 / 18, next: 140, large: true },
  ])
})

test('a value that does not fit is null for its event, and a finding', async () => {
  await using warehouse = await mart(
    `('a', '2024-01-01 10:00', 10, 1e308), ('a', '2024-01-01 11:00', 2, 2), ('a', '2024-01-01 12:00', 1, 'NaN'),
     ('a', '2024-01-01 13:00', 5000000000000000000, 1)`,
  )
  const view = featureView('v', {
    of: customer,
    from: billed,
    every: '1d',
    features: (f) => ({
      n: f.ratio(f.sum('revenue'), f.count()).over('1d'),
      revenue: f
        .sum('revenue')
        .where((r) => r.quantity.lt(100))
        .over('1d'),
      pairs: f.sum('pairs').over('1d'),
      cube: f
        .sum((r) => r.price.mul(r.price))
        .where((r) => r.revenue.isNull().not())
        .over('1d'),
    }),
  })
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    spine: { query: sql`SELECT 'a' AS customer, TIMESTAMP '2024-01-02' AS at` },
    time: 'at',
  })
  expect(rowsOf(await set.read())).toMatchObject([{ v__revenue_1d: 4, v__pairs_1d: 26, v__cube_1d: 5 }])
  const { findings } = await checkView(warehouse, view, { from: null, to: null, now: 1_704_200_000_000_000n })
  const fits = findings.filter(({ check }) => check === 'fits')
  expect(fits.map(({ column, count, message }) => [column, count, message])).toEqual([
    ['revenue', 1, 'needs a number beyond the range of doubles, and is skipped'],
    ['pairs', 1, 'needs a number beyond 64 bits, and is skipped'],
    ['(price * price)', 1, 'needs a number beyond the range of doubles, and is skipped'],
  ])
})
