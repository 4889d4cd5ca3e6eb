import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { entity, fact, featureView, previewRows, type Preview } from '../../src/index.ts'

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
