import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  checkView,
  entity,
  featureService,
  featureView,
  intervals,
  label,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  previewRows,
} from '../../src/index.ts'

const machine = entity('machine', { machine: z.string() })
const columns = { machine: z.string(), began: z.date(), ended: z.date().nullable(), kwh: z.int() }
const runs = intervals('runs', { columns, entities: [machine], start: 'began', end: 'ended' })
const view = featureView('v', {
  of: machine,
  from: runs,
  every: '1d',
  features: (f) => ({
    busy: f.overlap().over('2d'),
    used: f.overlap({ union: true }).over('2d'),
    n: f.count().open(),
    kwh: f.sum('kwh').open(),
    begun: f.count().over('2d'),
  }),
})
const service = featureService('s', [view])

async function mart(values: string) {
  const warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE runs (machine VARCHAR, began TIMESTAMP, ended TIMESTAMP, kwh BIGINT)`)
  await warehouse.run(sql`INSERT INTO runs VALUES ${sql.raw(values)}`)
  return warehouse
}

const spine = (at: string) => ({ query: sql`SELECT 'a' AS machine, ${at}::TIMESTAMP AS at` })

// Of the window [3rd, 5th): the first run covers a day, the second half of one, which lies in the first, and the third, which
// is still open, half a day. Those that end at the 3rd, begin at the 5th, or end before they begin cover nothing.
const values = `('a', '2024-01-01', '2024-01-04', 1), ('a', '2024-01-03 06:00', '2024-01-03 18:00', 2), ('a', '2024-01-04 12:00', NULL, 4),
  ('a', '2024-01-02', '2024-01-03', 8), ('a', '2024-01-05', '2024-01-06', 16), ('a', '2024-01-04', '2024-01-02', 32)`

test('overlap is the days of a window that are covered, and open what has begun and not ended', async () => {
  await using warehouse = await mart(values)
  const rows = async (at: string) =>
    rowsOf(await (await buildTrainingSet({ warehouse, service, spine: spine(at), time: 'at' })).read())
  expect(await rows('2024-01-05')).toMatchObject([
    { v__busy_2d: 2, v__used_2d: 1.5, v__n_open: 1, v__kwh_open: 4, v__begun_2d: 2 },
  ])
  // What begins or ends at T is not seen at T: the run that begins then is not open yet, and the one that ends then still is.
  expect(await rows('2024-01-04')).toMatchObject([
    { v__busy_2d: 3.5, v__used_2d: 2, v__n_open: 1, v__kwh_open: 1, v__begun_2d: 2 },
  ])
  expect(await rows('2024-01-06')).toMatchObject([{ v__n_open: 2, v__kwh_open: 20 }])
})

test('a label is what intervals will cover', async () => {
  await using warehouse = await mart(values)
  const later = label('later', { of: machine, from: runs, value: (f) => f.overlap().ahead('1d', { gap: '12h' }) })
  const set = (asOf: string) =>
    buildTrainingSet({
      warehouse,
      service,
      labels: [later],
      spine: spine('2024-01-05'),
      time: 'at',
      asOf: new Date(asOf),
    })
  // [5th 12:00, 6th 12:00): the open run for a day, and half a day of the other one.
  expect(rowsOf(await (await set('2024-02-01')).read())).toMatchObject([{ later: 1.5 }])
  expect(rowsOf(await (await set('2024-01-06')).read())).toMatchObject([{ later: null }])
})

test('an end before the start is found', async () => {
  await using warehouse = await mart(values)
  const range = { from: null, to: null, now: BigInt(Date.UTC(2024, 0, 7)) * 1000n }
  const { findings } = await checkView(warehouse, view, range)
  expect(findings.filter(({ check }) => check === 'interval')).toMatchObject([
    { table: 'runs', count: 1, total: 6, severity: 'warn', example: '2024-01-04 00:00:00 – 2024-01-02 00:00:00' },
  ])
})

test('a preview shows the intervals that reach into the window', async () => {
  await using warehouse = await mart(values)
  const features = ['busy_2d', 'used_2d', 'n_open', 'kwh_open', 'begun_2d']
  const preview = await previewRows({ warehouse, view, keys: [{ machine: 'a' }], at: new Date('2024-01-05'), features })
  const shown = preview.rows[0]?.features.map(({ name, events }) => [name, events?.[0]?.count])
  expect(shown).toEqual([
    ['busy_2d', 3],
    ['used_2d', 3],
    ['n_open', 1],
    ['kwh_open', 1],
    ['begun_2d', 2],
  ])
})

test('an end that comes after T changes no row before it, and one that comes late those that repair writes again', async () => {
  await using warehouse = await mart(`('a', '2024-01-01', NULL, 1)`)
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  const repaired = featureView('v', {
    of: machine,
    from: runs,
    every: '1d',
    repair: '1d',
    features: (f) => ({ busy: f.overlap().over('1d'), n: f.count().open() }),
  })
  const run = (now: string) =>
    materialize({ warehouse, catalog, online, views: [repaired], now: new Date(now), quality: false })
  const written = async () =>
    rowsOf(await warehouse.read(sql`SELECT busy_1d, n_open FROM features.v ORDER BY feature_time`)).map((row) => [
      row['busy_1d'],
      Number(row['n_open']),
    ])
  await run('2024-01-04')
  expect(await written()).toEqual([
    [1, 1],
    [1, 1],
    [1, 1],
  ])
  await warehouse.run(sql`UPDATE runs SET ended = '2024-01-03 12:00'`)
  await run('2024-01-05')
  expect(await written()).toEqual([
    [1, 1],
    [1, 1],
    [0.5, 0],
    [0, 0],
  ])
  const reader = openOnlineReader({ service: featureService('s', [repaired]).plan, store: online })
  const vectors = await reader.read([{ machine: 'a' }], { now: BigInt(Date.UTC(2024, 0, 5)) * 1000n })
  expect([vectors.value(0, 0), vectors.value(0, 1)]).toEqual([0, 0n])
})
