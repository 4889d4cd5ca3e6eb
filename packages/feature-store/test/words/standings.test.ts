import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDuckDb, sql } from '@martlet/warehouse'
import {
  buildTrainingSet,
  compileViewRows,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  openCatalog,
} from '../../src/index.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 26) * 1000

const meter = entity('meter', { meter: z.string() })
const usage = fact('mart.usage', {
  columns: { meter: z.string(), ts: z.date(), kwh: z.number().nullable(), n: z.int() },
  entities: [meter],
  eventTime: 'ts',
})
const contracts = dimension('mart.contracts', {
  columns: { meter: z.string(), tariff: z.string(), valid_from: z.date() },
  entity: meter,
  validFrom: 'valid_from',
})

const standings = (options: { readonly zone: string; readonly delay: '0h' | '6h'; readonly population: boolean }) =>
  featureView('word', {
    of: meter,
    from: usage,
    every: '1d',
    zone: options.zone,
    delay: options.delay,
    ...(options.population ? { population: contracts } : {}),
    features: (f) => ({
      kwh: f.sum('kwh').over('2d'),
      peak: f.max('kwh').over('3d'),
      n: f.sum('n').over('2d'),
      tariff: f.attribute(contracts, 'tariff'),
    }),
    derive: (v) => ({ each: v.kwh_2d.div(v.n_2d), busy: v.n_2d.gt(2) }),
    among: (v, everybody) => ({
      standing: everybody.rank(v.kwh_2d),
      place_in_tariff: everybody.rank(v.peak_3d, { within: v.tariff }),
      above: everybody.percentRank(v.peak_3d),
      third: everybody.ntile(v.kwh_2d, 3),
      tier: everybody.quantile(v.kwh_2d, 5),
      tier_of_busy: everybody.quantile(v.each, 4, { within: v.busy }),
      odd: everybody.zscore(v.peak_3d),
      part: everybody.share(v.n_2d.add(v.n_2d.abs()), { within: v.tariff }),
    }),
  })

const names = fc.constantFrom('a', 'b', 'c')
const hour = fc.integer({ min: 0, max: 8 * 24 }).map((i) => START + i * HOUR)

expectWord('standings among everybody', {
  tables: {
    'mart.usage': { meter: 'text', ts: 'timestamp', kwh: 'double', n: 'bigint' },
    'mart.contracts': { meter: 'text', tariff: 'text', valid_from: 'timestamp' },
  },
  meters: ['meter'],
  together: 20,
  marts: fc.record({
    'mart.usage': fc.array(
      fc.record({
        meter: names,
        ts: hour,
        // Few values, so that many are equal.
        kwh: fc.option(
          fc.integer({ min: -4, max: 12 }).map((i) => i / 4),
          { freq: 6 },
        ),
        n: fc.integer({ min: -1, max: 3 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    'mart.contracts': fc.array(
      fc.record({ meter: names, tariff: fc.constantFrom('flat', 'night'), valid_from: hour }),
      { maxLength: 4 },
    ),
  }),
  views: fc
    .record({
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      delay: fc.constantFrom('0h' as const, '6h' as const),
      population: fc.boolean(),
    })
    .map(standings),
  range: { from: START + 2 * DAY, to: START + 6 * DAY },
})

test('the values by hand, and a spine of one customer among all', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS SELECT meter, TIMESTAMP '2024-03-26 12:00' AS ts, kwh::DOUBLE AS kwh, 1::BIGINT AS n
    FROM (VALUES ('a', 4.0), ('b', 2.0), ('c', 2.0), ('d', 1.0), ('e', NULL)) v(meter, kwh)
  `)
  await warehouse.run(
    sql`CREATE TABLE mart.contracts AS SELECT 'a' AS meter, 'flat' AS tariff, TIMESTAMP '2024-01-01' AS valid_from LIMIT 0`,
  )
  const view = featureView('usage', {
    of: meter,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.max('kwh').over('2d') }),
    among: (v, everybody) => ({
      standing: everybody.rank(v.kwh_2d),
      above: everybody.percentRank(v.kwh_2d),
      half: everybody.ntile(v.kwh_2d, 2),
      tier: everybody.quantile(v.kwh_2d, 4),
      odd: everybody.zscore(v.kwh_2d),
      part: everybody.share(v.kwh_2d),
    }),
  })
  const from = BigInt(START + DAY)
  const rows = await warehouse.session(async (session) => {
    const { prepare, query } = compileViewRows(session, view.plan, { from, to: from + 1n })
    for (const statement of prepare) await session.run(statement)
    return rowsOf(await session.read(query)).toSorted((x, y) => (String(x['meter']) < String(y['meter']) ? -1 : 1))
  })
  expect(rows.map(({ standing, above, half, tier, part }) => [standing, above, half, tier, part])).toEqual([
    [1, 1, 2, 4, 4 / 9],
    [2, 1 / 3, 1, 3, 2 / 9],
    [2, 1 / 3, 2, 3, 2 / 9],
    [4, 0, 1, 1, 1 / 9],
    [null, null, null, null, null],
  ])
  // Mean 2.25, squared deviations 4.75 of four values.
  expect(rows[0]?.['odd']).toBeCloseTo(1.75 / Math.sqrt(4.75 / 3), 12)
  const spine = { query: sql`SELECT 'b' AS meter, TIMESTAMP '2024-03-27 05:00' AS at` }
  const service = featureService('usage_service', [view])
  const [row] = rowsOf(await (await buildTrainingSet({ warehouse, service, spine, time: 'at', from: 'facts' })).read())
  expect(row).toMatchObject({ usage__standing: 2, usage__tier: 3, usage__half: 1, usage__part: 2 / 9 })
})

test('values as large as doubles can be leave no place empty', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS SELECT meter, TIMESTAMP '2024-03-26 12:00' AS ts, kwh::DOUBLE AS kwh, 1::BIGINT AS n
    FROM (VALUES ('a', 1.5e308), ('b', 1.5e308), ('c', 0.0), ('d', 3e307)) v(meter, kwh)
  `)
  const view = featureView('usage', {
    of: meter,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.max('kwh').over('2d') }),
    among: (v, everybody) => ({ odd: everybody.zscore(v.kwh_2d), part: everybody.share(v.kwh_2d) }),
  })
  const from = BigInt(START + DAY)
  const rows = await warehouse.session(async (session) => {
    const { prepare, query } = compileViewRows(session, view.plan, { from, to: from + 1n })
    for (const statement of prepare) await session.run(statement)
    return rowsOf(await session.read(query)).toSorted((x, y) => (String(x['meter']) < String(y['meter']) ? -1 : 1))
  })
  expect(rows.map(({ part }) => part)).toEqual([1 / 2.2, 1 / 2.2, 0, 0.2 / 2.2].map((one) => expect.closeTo(one, 12)))
  expect(rows[2]?.['odd']).toBeCloseTo(-0.55 / Math.sqrt((2 * 0.45 ** 2 + 0.55 ** 2 + 0.35 ** 2) / 3), 12)
})

test('attributes of a dimension stand among those of everybody whom it has', async () => {
  await using warehouse = await openDuckDb()
  await using catalog = await openCatalog({ path: ':memory:' })
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.sizes AS SELECT meter, size::DOUBLE AS size, TIMESTAMP '2024-01-01' AS valid_from
    FROM (VALUES ('a', 40.0), ('b', 10.0), ('c', NULL)) v(meter, size)
  `)
  const sizes = dimension('mart.sizes', {
    columns: { meter: z.string(), size: z.number().nullable(), valid_from: z.date() },
    entity: meter,
    validFrom: 'valid_from',
  })
  const view = featureView('sizes', {
    of: meter,
    from: sizes,
    every: '1d',
    features: (f) => ({ size: f.attribute('size') }),
    among: (v, everybody) => ({ standing: everybody.rank(v.size), part: everybody.share(v.size) }),
  })
  const service = featureService('sizes_service', [view])
  const now = new Date('2024-03-02')
  await materialize({ warehouse, catalog, views: [view], from: new Date('2024-03-01'), now, quality: false })
  for (const from of ['facts', 'materialized'] as const) {
    const spine = { query: sql`SELECT unnest(['b', 'c']) AS meter, TIMESTAMP '2024-03-01 05:00' AS at` }
    const set = await buildTrainingSet({ warehouse, catalog, service, spine, time: 'at', from })
    const rows = rowsOf(await set.read())
    expect(rows.map((row) => [row['sizes__standing'], row['sizes__part']])).toEqual([
      [2, 0.2],
      [null, null],
    ])
  }
})
