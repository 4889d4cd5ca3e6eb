import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, entity, fact, featureService, featureView, openCatalog } from '../../src/index.ts'
import { aggregateAnswer } from '../oracle/exact/aggregate-answer.ts'
import { agree, type Answer } from '../oracle/exact/agree.ts'
import type { Row } from '../oracle/row.ts'

interface Reading {
  readonly customer: string
  readonly day: number
  readonly kwh: number | null
  readonly cost: number | null
}

const pairs = (customer: string, values: readonly (readonly [number | null, number | null])[]): readonly Reading[] =>
  values.map(([kwh, cost], day) => ({ customer, day, kwh, cost }))

// One reading at every midnight from January 1, ten at most.
const readings: readonly Reading[] = [
  ...pairs('odd', [
    [3, 1e6],
    [-0.1, 7],
    [1e-9, -2.5],
    [12.25, 0],
    [0.3, 0.1],
    [-7, 4],
    [5, 5.5],
    [0.1, -3],
    [8, 2],
    [1, 9],
  ]),
  ...pairs('holes', [
    [1, 2],
    [null, 50],
    [3, 1],
    [4, null],
    [5, 8],
    [null, null],
    [7, 3],
    [null, 1],
    [2, null],
    [4, 6],
  ]),
  ...pairs(
    'line',
    [0.1, 0.2, 0.3, 0.7, 1.1, 1.3, 1.7, 1.9, 2.3, 2.9].map((x) => [x, -3 * x + 0.7]),
  ),
  ...pairs(
    'flat',
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((x) => [0.1, x]),
  ),
  // The cost varies, but only where kwh is null.
  ...pairs('flatPairs', [
    [1, 0.1],
    [2, 0.1],
    [null, 5],
    [4, 0.1],
    [null, 6],
    [5, 0.1],
    [6, 0.1],
    [null, 7],
    [8, 0.1],
    [9, 0.1],
  ]),
  ...pairs(
    'tiny',
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((x) => [x * 1e-200, x]),
  ),
  ...pairs('single', [[4, 2]]),
  ...pairs('halves', [
    [4, null],
    [null, 2],
    [4, 2],
  ]),
]
const customers = [...new Set(readings.map(({ customer }) => customer)), 'none']

const customer = entity('customer', { customer: z.string() })
const columns = {
  customer: z.string(),
  ts: z.date(),
  kwh: z.number().nullable(),
  cost: z.number().nullable(),
}
const source = fact('readings', { columns, entities: [customer], eventTime: 'ts' })

/** Pearson's correlation, over the pairs of which both values are present. */
function pearson(rows: readonly Reading[]): Answer {
  return aggregateAnswer(
    { function: 'correlation', column: 'kwh', second: 'cost', where: null },
    rows.map(({ kwh, cost }) => ({ kwh, cost })),
  )
}

test('correlation is Pearson’s in every window, and null where there is none', async () => {
  const view = featureView('usage', {
    of: customer,
    from: source,
    every: '1d',
    features: (f) => ({
      time: f.correlation('kwh', 'cost').over('2d', '7d'),
      rows: f.correlation('kwh', 'cost').overLast(1, 4),
      all: f.correlation('kwh', 'cost').lifetime(),
      positive: f
        .correlation('kwh', 'cost')
        .where((row) => row.kwh.gt(0))
        .over('7d'),
      positive_rows: f
        .correlation('kwh', 'cost')
        .where((row) => row.kwh.gt(0))
        .overLast(4),
    }),
  })
  await using warehouse = await openDuckDb({ path: ':memory:' })
  await warehouse.run(sql`CREATE TABLE readings (customer VARCHAR, ts TIMESTAMP, kwh DOUBLE, cost DOUBLE)`)
  const values = readings.map(
    (one) =>
      sql`(${sql.lit(one.customer)}, TIMESTAMP '2024-01-01' + to_days(${sql.lit(one.day)}), ${sql.lit(one.kwh)}, ${sql.lit(one.cost)})`,
  )
  await warehouse.run(sql`INSERT INTO readings VALUES ${sql.join(values)}`)
  await using catalog = await openCatalog({ path: ':memory:' })
  // At midnight of each day; a reading at the very midnight is not before it.
  const spine = {
    query: sql`
      SELECT customer, CAST(d AS INTEGER) AS day, TIMESTAMP '2024-01-01' + to_days(CAST(d AS INTEGER)) AS at
      FROM range(1, 13) r(d), (VALUES ${sql.join(customers.map((one) => sql`(${sql.lit(one)})`))}) v(customer)
    `,
  }
  const service = featureService('all', [view])
  const set = await buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from: 'facts' })
  const rows = rowsOf<Row>(await set.read())
  expect(rows).toHaveLength(customers.length * 12)
  for (const row of rows) {
    const day = Number(row['day'])
    const before = readings.filter((one) => one.customer === row['customer'] && one.day < day)
    const positive = before.filter(({ kwh }) => kwh !== null && kwh > 0)
    const since = (of: readonly Reading[], days: number) => of.filter((one) => one.day >= day - days)
    const expected = {
      time_2d: pearson(since(before, 2)),
      time_7d: pearson(since(before, 7)),
      rows_last1: null,
      rows_last4: pearson(before.slice(-4)),
      all: pearson(before),
      positive_7d: pearson(since(positive, 7)),
      positive_rows_last4: pearson(positive.slice(-4)),
    }
    for (const [name, wanted] of Object.entries(expected))
      agree(row[`usage__${name}`] ?? null, wanted, `${name} of ${row['customer']} on day ${day}`)
  }
})

test('a text has no correlation', () => {
  const why = `column 'customer' of this fact is not a number but text, so it has no correlation`
  const first = () =>
    featureView('wrong', {
      of: customer,
      from: source,
      every: '1d',
      // @ts-expect-error a text has no correlation
      features: (f) => ({ x: f.correlation('customer', 'cost').lifetime() }),
    })
  const second = () =>
    featureView('wrong', {
      of: customer,
      from: source,
      every: '1d',
      // @ts-expect-error a text has no correlation
      features: (f) => ({ x: f.correlation('kwh', 'customer').lifetime() }),
    })
  expect(first).toThrow(why)
  expect(second).toThrow(why)
})
