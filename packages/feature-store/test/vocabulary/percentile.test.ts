import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, decimal, entity, fact, featureService, featureView } from '../../src/index.ts'
import * as store from '../../src/index.ts'
import { featureText } from '../../src/vocabulary/words.ts'
import { endToEnd } from '../house/end-to-end.ts'

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), cost: z.number() },
  entities: [customer],
  eventTime: 'ts',
})

test('percentiles lie on the line between the two nearest values, from facts, materialized and online', async () => {
  const view = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    features: (f) => ({
      high: f.percentile('kwh', 0.9).over('1d'),
      lowest: f.percentile('kwh', 0).lifetime(),
      middle: f.median('kwh').overLast(2),
      middle_cost: f.median('cost').over('1d'),
      none: f
        .median('kwh')
        .where((r) => r.kwh.gt(1000))
        .over('1d'),
    }),
  })
  const answers = await endToEnd(store, featureService('all', [view]))
  // Of 24 values, the 0.9 percentile is seven tenths of the way from the 21st to the 22nd.
  const expected = {
    high_1d: { anna: 68.7, ben: 49.7 },
    lowest: { anna: 0, ben: 29 },
    middle_last2: { anna: 70.5, ben: 29.5 },
    middle_cost_1d: { anna: (59 * 59 + 60 * 60) / 2, ben: (59 * 59 + 60 * 60) / 2 },
    none_1d: { anna: null, ben: null },
  }
  expect(answers).toEqual({ facts: expected, materialized: expected, online: expected })
})

test('percentiles of whole numbers and decimals are numbers; nulls, NaN and infinite values do not count', async () => {
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`
    CREATE TABLE sales AS
    SELECT 'a' AS customer_id, TIMESTAMP '2024-01-01' + to_hours(CAST(i AS INTEGER)) AS ts, n, CAST(price AS DECIMAL(12, 2)) AS price, x
    FROM (VALUES (0, 9, 1.10, 5.0::DOUBLE), (1, 2, 0.25, 'nan'), (2, NULL, 3.00, 'inf'), (3, 4, NULL, 7)) v(i, n, price, x)
  `)
  const sales = fact('sales', {
    columns: {
      customer_id: z.string(),
      ts: z.date(),
      n: z.int().nullable(),
      price: decimal(12, 2).nullable(),
      x: z.number(),
    },
    entities: [customer],
    eventTime: 'ts',
  })
  const view = featureView('sale', {
    of: customer,
    from: sales,
    every: '1d',
    features: (f) => ({
      n: f.percentile('n', 0.25).lifetime(),
      price: f.percentile('price', 0.75).lifetime(),
      x: f.median('x').over('1d'),
    }),
  })
  const spine = { query: sql`SELECT 'a' AS customer_id, TIMESTAMP '2024-01-02' AS at` }
  const set = await buildTrainingSet({ warehouse, service: featureService('all', [view]), spine, time: 'at' })
  const [row] = rowsOf(await set.read())
  // 2, 4, 9 · 0.25, 1.10, 3.00 · 5, 7
  expect(row).toMatchObject({ sale__n: 3, sale__price: 2.05, sale__x_1d: 6 })
})

test('an approximate percentile is near the exact one, and an approximate count near the number of values', async () => {
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.readings AS
    SELECT 'a' AS customer_id, TIMESTAMP '2024-01-01' + to_seconds(i) AS ts, CAST((i * 7919) % 10007 AS DOUBLE) AS kwh, 1.0 AS cost
    FROM range(10000) r(i)
  `)
  const view = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    features: (f) => ({
      rough: f.percentile('kwh', 0.9, { approximate: true }).over('1d'),
      middle: f.median('kwh', { approximate: true }).over('1d'),
      kinds: f.distinct('kwh', { approximate: true }).over('1d'),
      exact: f.percentile('kwh', 0.9, { approximate: false }).over('1d'),
    }),
  })
  const spine = { query: sql`SELECT 'a' AS customer_id, TIMESTAMP '2024-01-02' AS at` }
  const set = await buildTrainingSet({ warehouse, service: featureService('all', [view]), spine, time: 'at' })
  const [row] = rowsOf(await set.read())
  expect(Math.abs(Number(row?.['usage__rough_1d']) / 9000 - 1)).toBeLessThan(0.01)
  expect(Math.abs(Number(row?.['usage__middle_1d']) / 5000 - 1)).toBeLessThan(0.02)
  expect(Math.abs(Number(row?.['usage__kinds_1d']) / 10_000 - 1)).toBeLessThan(0.03)
  expect(view.plan.features.map(featureText)).toEqual([
    'approximate percentile(kwh, 0.9) over 1d',
    'approximate median(kwh) over 1d',
    'approximate distinct(kwh) over 1d',
    'percentile(kwh, 0.9) over 1d',
  ])
})
