import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, decimal, entity, fact, featureService, featureView } from '../../src/index.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const customer = entity('customer', { customer_id: z.string() })
const sales = fact('sales', {
  columns: { customer_id: z.string(), ts: z.date(), n: z.int(), price: decimal(12, 2), web: z.boolean() },
  entities: [customer],
  eventTime: 'ts',
})

test('values are halved for every half-life that has passed; 0 without events', async () => {
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`
    CREATE TABLE sales AS SELECT 'a' AS customer_id, ts, n, CAST(n AS DECIMAL(12, 2)) AS price, web
    FROM (VALUES (TIMESTAMP '2024-01-01', 8, true), (TIMESTAMP '2024-01-08', 4, false), (TIMESTAMP '2024-01-15', 100, true))
      v(ts, n, web)
  `)
  const view = featureView('sale', {
    of: customer,
    from: sales,
    every: '1d',
    features: (f) => ({
      n: f.decayed('n', { halfLife: '7d' }),
      price: f.decayed('price', { halfLife: '1w' }).where((r) => r.web),
      none: f.decayed('n', { halfLife: '7d' }).where((r) => r.n.gt(1000)),
    }),
  })
  const spine = { query: sql`SELECT 'a' AS customer_id, TIMESTAMP '2024-01-15' AS at` }
  const set = await buildTrainingSet({ warehouse, service: featureService('all', [view]), spine, time: 'at' })
  expect(rowsOf(await set.read())).toMatchObject([{ sale__n: 2 + 2, sale__price: 2, sale__none: 0 }])
  expect(view.plan.features.map(featureText)).toEqual([
    'decayed(n, half-life 7d) over its lifetime',
    'decayed(price, half-life 7d where web) over its lifetime',
    'decayed(n, half-life 7d where (n > 1000)) over its lifetime',
  ])
})

test('twenty years of events are the sum written out, whatever the half-life', async () => {
  const days = 20 * 365
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`
    CREATE TABLE sales AS
    SELECT 'a' AS customer_id, TIMESTAMP '2004-01-01' + to_days(CAST(i AS INTEGER)) AS ts, 1 + i % 7 AS n,
      CAST(0 AS DECIMAL(12, 2)) AS price, false AS web
    FROM range(${sql.lit(days)}) r(i)
  `)
  const view = featureView('sale', {
    of: customer,
    from: sales,
    every: '1d',
    features: (f) => ({
      hour: f.decayed('n', { halfLife: '1h' }),
      day: f.decayed('n', { halfLife: '1d' }),
      decade: f.decayed('n', { halfLife: '3650d' }),
    }),
  })
  const ages = [1, 30, days, days + 3]
  const list = sql.join(ages.map((age) => sql`(${sql.lit(age)})`))
  const spine = {
    query: sql`
      SELECT 'a' AS customer_id, TIMESTAMP '2004-01-01' + to_days(CAST(d AS INTEGER)) AS at
      FROM (VALUES ${list}) v(d)
    `,
  }
  const set = await buildTrainingSet({ warehouse, service: featureService('all', [view]), spine, time: 'at' })
  const rows = rowsOf(await set.read())
  for (const [i, age] of ages.entries()) {
    for (const [name, halfLife] of [
      ['hour', 1 / 24],
      ['day', 1],
      ['decade', 3650],
    ] as const) {
      let sum = 0
      for (let day = 0; day < Math.min(days, age); day++) sum += (1 + (day % 7)) * 2 ** (-(age - day) / halfLife)
      expect(Math.abs(Number(rows[i]?.[`sale__${name}`]) / sum - 1), `${name} at ${age} days`).toBeLessThan(1e-9)
    }
  }
})
