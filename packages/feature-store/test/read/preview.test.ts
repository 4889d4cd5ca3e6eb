import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { entity, event, fact, featureView, previewRows, type Preview } from '../../src/index.ts'

const site = entity('site', { region: z.string(), number: z.int() })
const readings = fact('mart.readings', {
  columns: {
    region: z.string(),
    number: z.int(),
    ts: z.date(),
    loaded_at: z.date(),
    kwh: z.number().nullable(),
    cost: z.number(),
  },
  entities: [site],
  eventTime: 'ts',
  knownAt: 'loaded_at',
})
const view = featureView('usage', {
  of: site,
  from: readings,
  every: '1d',
  delay: '6h',
  features: (f) => ({
    kwh: f.sum('kwh').over('1d', '2d'),
    high: f
      .count()
      .where((r) => r.kwh.gt(2))
      .over('2d'),
    newest: f.sum('kwh').overLast(2),
    price: f.ratio(f.sum('cost'), f.sum('kwh')).over('2d'),
    days: f.sum('cost').overDays(1),
  }),
  derive: (v) => ({ twice: v.kwh_1d.mul(2) }),
})

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.readings AS
    SELECT 'n' AS region, 1::BIGINT AS number, ts::TIMESTAMP AS ts, loaded::TIMESTAMP AS loaded_at, kwh::DOUBLE AS kwh, 1.0::DOUBLE AS cost
    FROM (VALUES
      ('2024-01-01 12:00', '2024-01-01 12:00', 1.0), ('2024-01-02 06:00', '2024-01-02 06:00', 3.0),
      ('2024-01-02 12:00', '2024-01-02 12:00', NULL), ('2024-01-02 18:00', '2024-01-05 00:00', 8.0),
      ('2024-01-03 01:00', '2024-01-03 01:00', 9.0)) v(ts, loaded, kwh)
  `)
})
afterAll(() => warehouse.close())

const events = (preview: Preview, name: string) =>
  preview.rows[0]?.features
    .find((feature) => feature.name === name)
    ?.events?.map(({ words, count, newest }) => ({
      words,
      count,
      values: newest.map(({ value }) => value),
    }))

test('a row is that of the moment, and its features are shown with the events that had arrived', async () => {
  const before = await warehouse.read(sql`SELECT COUNT(*) AS n FROM duckdb_tables()`)
  const preview = await previewRows({
    warehouse,
    view,
    keys: [
      { region: 'n', number: 1 },
      { region: 'n', number: 2 },
    ],
    at: '2024-01-03T07:00:00Z',
    features: ['kwh_1d', 'high_2d', 'newest_last2', 'price_2d', 'days_1days', 'twice'].filter((name) =>
      view.picked.includes(name),
    ),
  })
  expect(preview).toMatchObject({ view: 'usage', featureTime: BigInt(Date.UTC(2024, 0, 3)) * 1000n })
  const values = preview.rows.map(({ features }) => features.map(({ name, value }) => [name, value]))
  expect(values[0]).toEqual(
    expect.arrayContaining([
      ['kwh_1d', 3],
      ['kwh_2d', 4],
      ['high_2d', 1],
      ['newest_last2', 3],
      ['twice', 6],
    ]),
  )
  expect(values[1]?.every(([, value]) => value === null)).toBe(true)
  // The reading of 18:00 had not arrived; the one of noon is there, and its value is missing.
  expect(events(preview, 'kwh_1d')).toEqual([{ words: 'sum(kwh) over 1d', count: 2, values: [null, 3] }])
  expect(events(preview, 'high_2d')).toEqual([
    { words: 'count(* where (kwh > 2)) over 2d', count: 1, values: [undefined] },
  ])
  expect(events(preview, 'newest_last2')?.[0]).toMatchObject({ count: 2, values: [null, 3] })
  expect(events(preview, 'price_2d')?.map(({ count }) => count)).toEqual([3, 3])
  expect(events(preview, 'twice')).toBeUndefined()
  expect(preview.rows[1]?.features.find(({ name }) => name === 'kwh_1d')?.events).toEqual([
    { words: 'sum(kwh) over 1d', count: 0, newest: [] },
  ])
  const after = await warehouse.read(sql`SELECT COUNT(*) AS n FROM duckdb_tables() WHERE NOT temporary`)
  expect(after.columns[0]?.values).toEqual(before.columns[0]?.values)
})

test('limits are kept, and what cannot be shown is refused', async () => {
  const keys = [{ region: 'n', number: 1 }]
  const at = '2024-01-03T07:00:00Z'
  const one = await previewRows({ warehouse, view, keys, at, features: ['kwh_2d'], events: 1 })
  expect(events(one, 'kwh_2d')).toEqual([{ words: 'sum(kwh) over 2d', count: 3, values: [null] }])
  await expect(previewRows({ warehouse, view, keys, at, features: ['kwh'] })).rejects.toMatchObject({
    code: 'UNKNOWN_FEATURE',
  })
  await expect(previewRows({ warehouse, view, keys: [], at })).rejects.toMatchObject({ code: 'BAD_KEY' })
  await expect(previewRows({ warehouse, view, keys: [...keys, ...keys], at })).rejects.toMatchObject({
    code: 'BAD_KEY',
  })
})

test('windows since an event and along a meter, and aggregates of every kind, show what they counted', async () => {
  await warehouse.run(sql`
    CREATE TABLE mart.drives AS SELECT 'n' AS region, 1::BIGINT AS number, ts::TIMESTAMP AS ts, km::DOUBLE AS km, meter::DOUBLE AS meter
    FROM (VALUES ('2024-01-01 08:00', 10.0, 100.0), ('2024-01-02 08:00', 20.0, 160.0),
      ('2024-01-03 08:00', 30.0, 5.0), ('2024-01-04 08:00', 40.0, 30.0)) v(ts, km, meter)
  `)
  await warehouse.run(
    sql`CREATE TABLE mart.services AS SELECT 'n' AS region, 1::BIGINT AS number, TIMESTAMP '2024-01-02 08:00' AS ts`,
  )
  const keys = { region: z.string(), number: z.int(), ts: z.date() }
  const drives = fact('mart.drives', {
    columns: { ...keys, km: z.number(), meter: z.number() },
    entities: [site],
    eventTime: 'ts',
  })
  const services = fact('mart.services', { columns: keys, entities: [site], eventTime: 'ts' })
  const driven = featureView('driven', {
    of: site,
    from: drives,
    every: '1d',
    features: (f) => ({
      km: f.sum('km').since(event('service', services)),
      near: f.count().along('meter', 40),
      both: f.correlation('km', 'meter').over('2d'),
      usual: f.mostFrequent('km').over('3d'),
      high: f.percentile('km', 0.9).lifetime(),
      gap: f.mean((r) => r.sincePrevious()).over('2d'),
    }),
  })
  const preview = await previewRows({
    warehouse,
    view: driven,
    keys: [{ region: 'n', number: 1 }],
    at: '2024-01-05T00:00:00Z',
    features: driven.picked,
  })
  const shown = Object.fromEntries(
    driven.picked.map((name) => [name, events(preview, name)?.map(({ count, values }) => [count, values])[0]]),
  )
  expect(shown).toEqual({
    km_since_service: [3, [40, 30, 20]],
    // The counter grew by 60, began anew at 5 and grew by 25: three events lie at most 30 below the newest.
    near_40_meter: [3, [undefined, undefined, undefined]],
    both_2d: [2, [40, 30]],
    usual_3d: [3, [40, 30, 20]],
    high: [4, [40, 30, 20, 10]],
    gap_2d: [2, [1, 1]],
  })
  const both = preview.rows[0]?.features.find(({ name }) => name === 'both_2d')
  expect(both?.events?.[0]?.newest.map(({ second }) => second)).toEqual([30, 5])
})
