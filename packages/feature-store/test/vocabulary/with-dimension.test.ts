import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  checkView,
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
} from '../../src/index.ts'

const vehicle = entity('vehicle', { vehicle: z.string() })
const depot = entity('depot', { depot: z.string() })
const telemetry = fact('telemetry', {
  columns: { vehicle: z.string().nullable(), ts: z.date(), km: z.int() },
  entities: [vehicle],
  eventTime: 'ts',
})
const vehicles = dimension('vehicles', {
  columns: { vehicle: z.string(), depot: z.string(), rate: z.int(), since: z.date(), until: z.date().nullable() },
  entity: vehicle,
  validFrom: 'since',
  validTo: 'until',
})
const view = featureView('rollup', {
  of: depot,
  from: telemetry.with(vehicles, { on: { vehicle: 'vehicle' }, columns: ['depot', 'rate'], entities: [depot] }),
  every: '1d',
  features: (f) => ({
    km: f.sum('km').over('7d'),
    cost: f.sum((r) => r.km.mul(r.rate)).over('7d'),
    cars: f.distinct('vehicle').over('7d'),
  }),
})
const service = featureService('s', [view])

// v1 moves from north to south at midnight of the 3rd, and a row of the 5th overlaps it for a day; v2 is known from the 4th on.
async function mart() {
  const warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE telemetry (vehicle VARCHAR, ts TIMESTAMP, km BIGINT)`)
  await warehouse.run(sql`INSERT INTO telemetry VALUES ('v1', '2024-01-02 23:59:59.999999', 1), ('v1', '2024-01-03', 10),
    ('v1', '2024-01-05 12:00', 100), ('v1', '2024-01-06', 1000), ('v2', '2024-01-03', 7), ('v2', '2024-01-04', 20), (NULL, '2024-01-04', 5),
    ('v3', '2024-01-04', 3), ('v1', '2024-01-08', 40), ('v2', '2024-01-08 12:00', 50)`)
  await warehouse.run(
    sql`CREATE TABLE vehicles (vehicle VARCHAR, depot VARCHAR, rate BIGINT, since TIMESTAMP, until TIMESTAMP)`,
  )
  await warehouse.run(sql`INSERT INTO vehicles VALUES
    ('v1', 'north', 2, '2024-01-01', '2024-01-03'), ('v1', 'south', 3, '2024-01-03', NULL),
    ('v1', 'north', 4, '2024-01-05', '2024-01-06'), ('v2', 'south', 5, '2024-01-04', NULL)`)
  return warehouse
}

test('events have the columns that held at their own time, also as a key', async () => {
  await using warehouse = await mart()
  const spine = {
    query: sql`SELECT d AS depot, TIMESTAMP '2024-01-07' AS at FROM (VALUES ('north'), ('south'), ('west')) AS v(d)`,
  }
  const later = label('later', {
    of: depot,
    from: telemetry.with(vehicles, { on: { vehicle: 'vehicle' }, columns: ['depot'], entities: [depot] }),
    value: (f) => f.sum('km').ahead('2d'),
  })
  const set = await buildTrainingSet({
    warehouse,
    service,
    labels: [later],
    spine,
    time: 'at',
    asOf: new Date('2024-02-01'),
  })
  expect(rowsOf(await set.read())).toMatchObject([
    { depot: 'north', rollup__km_7d: 101, rollup__cost_7d: 402, rollup__cars_7d: 1, later: 0 },
    { depot: 'south', rollup__km_7d: 1030, rollup__cost_7d: 3130, rollup__cars_7d: 2, later: 90 },
    { depot: 'west', rollup__km_7d: null, rollup__cost_7d: null, rollup__cars_7d: null, later: 0 },
  ])
})

test('an overlap is found, and rows of events without a key', async () => {
  await using warehouse = await mart()
  const range = { from: null, to: null, now: BigInt(Date.UTC(2024, 0, 7)) * 1000n }
  const { findings, known } = await checkView(warehouse, view, range)
  expect(findings.filter(({ check }) => check === 'overlaps' || check === 'null')).toMatchObject([
    { table: 'telemetry', column: 'vehicle', check: 'null', count: 1, severity: 'error' },
    {
      table: 'vehicles',
      column: null,
      check: 'overlaps',
      count: 1,
      total: 4,
      example: 'v1 at 2024-01-05',
      severity: 'warn',
    },
  ])
  expect(known).toContain('vehicles.overlaps')
  const plain = featureView('plain', {
    of: vehicle,
    from: telemetry,
    every: '1d',
    features: (f) => ({ km: f.sum('km').over('7d'), rate: f.last('km') }),
  })
  expect((await checkView(warehouse, plain, range)).known).not.toContain('vehicles.overlaps')
})

test('a row of the dimension that changes late counts in the rows that repair writes again, and in new ones', async () => {
  await using warehouse = await mart()
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  const repaired = featureView('rollup', {
    of: depot,
    from: telemetry.with(vehicles, { on: { vehicle: 'vehicle' }, columns: ['depot', 'rate'], entities: [depot] }),
    every: '1d',
    repair: '1d',
    features: (f) => ({ km: f.sum('km').over('1d') }),
  })
  const run = (now: string) =>
    materialize({ warehouse, catalog, online, views: [repaired], now: new Date(now), quality: false })
  await run('2024-01-06')
  await warehouse.run(sql`UPDATE vehicles SET depot = 'west' WHERE rate = 4`)
  await run('2024-01-07')
  const rows = await warehouse.read(
    sql`SELECT depot, CAST(feature_time AS DATE) AS day, km_1d FROM features.rollup WHERE km_1d > 0 ORDER BY feature_time, depot`,
  )
  // The event at noon of the 5th is now of the west; that of the 6th lies in the row of the 7th.
  expect(rowsOf(rows).map((row) => [row['depot'], row['km_1d']])).toEqual([
    ['north', 1],
    ['south', 10],
    ['south', 20],
    ['west', 100],
    ['south', 1000],
  ])
  const reader = openOnlineReader({ service: featureService('s', [repaired]).plan, store: online })
  const vectors = await reader.read([{ depot: 'south' }, { depot: 'west' }], {
    now: BigInt(Date.UTC(2024, 0, 7)) * 1000n,
  })
  expect([vectors.value(0, 0), vectors.value(1, 0)]).toEqual([1000n, 0n])
})
