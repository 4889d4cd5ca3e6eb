import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView, label } from '../../src/index.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const customer = entity('customer', { customer_id: z.string() })
const visits = fact('visits', {
  columns: {
    customer_id: z.string(),
    ts: z.date(),
    shop: z.enum(['north', 'south', 'west']).nullable(),
    paid: z.boolean(),
    day: z.iso.date(),
  },
  entities: [customer],
  eventTime: 'ts',
})

test('the value that most events have, of several the one seen last', async () => {
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`
    CREATE TABLE visits AS
    SELECT 'a' AS customer_id, TIMESTAMP '2024-01-01' + to_hours(i) AS ts, shop, paid, DATE '2024-01-01' + i % 2 AS day
    FROM (VALUES (0, 'north', true), (1, 'south', false), (2, 'south', true), (3, 'north', false), (4, 'west', true),
      (5, NULL, true), (30, 'west', false)) v(i, shop, paid)
  `)
  const view = featureView('visit', {
    of: customer,
    from: visits,
    every: '1d',
    features: (f) => ({
      shop: f.mostFrequent('shop').over('1d', '7d'),
      ever: f.mostFrequent('shop').lifetime(),
      recent: f.mostFrequent('shop').overLast(4),
      paid: f.mostFrequent('paid').lifetime(),
      day: f.mostFrequent('day').lifetime(),
      unpaid: f
        .mostFrequent('shop')
        .where((r) => r.paid.not())
        .over('7d'),
    }),
  })
  const next = label('next_shop', { of: customer, from: visits, value: (f) => f.mostFrequent('shop').ahead('1d') })
  const spine = {
    query: sql`SELECT 'a' AS customer_id, TIMESTAMP '2024-01-01' + to_days(CAST(i AS INTEGER)) AS at FROM range(1, 4) r(i)`,
  }
  const service = featureService('all', [view])
  const options = { warehouse, service, spine, time: 'at', labels: [next], asOf: new Date('2024-02-01') }
  const set = await buildTrainingSet(options)
  expect(rowsOf(await set.read())).toMatchObject([
    // north and south occur twice, and north was seen last
    { visit__shop_1d: 'north', visit__ever: 'north', visit__recent_last4: 'west', next_shop: 'west' },
    // once more west: all occur twice
    { visit__shop_1d: 'west', visit__ever: 'west', visit__recent_last4: 'west', next_shop: null },
    { visit__shop_1d: null, visit__shop_7d: 'west', visit__paid: true, visit__unpaid_7d: 'west' },
  ])
  expect(view.plan.features.map(featureText)[0]).toBe('mostFrequent(shop) over 1d')
})
