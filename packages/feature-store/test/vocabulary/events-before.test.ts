import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { buildTrainingSet, checkView, entity, fact, featureService, featureView, label } from '../../src/index.ts'

const vehicle = entity('vehicle', { vehicle: z.string() })
const readings = fact('readings', {
  columns: { vehicle: z.string(), ts: z.date(), km: z.int().nullable(), state: z.string() },
  entities: [vehicle],
  eventTime: 'ts',
})
// The event of December is before every window; on January 3 there are two at once.
const values = `('a', '2023-12-22 00:00', 100, 'ok'), ('a', '2024-01-01 00:00', 130, 'ok'), ('a', '2024-01-02 12:00', NULL, 'bad'),
  ('a', '2024-01-03 00:00', 190, 'ok'), ('a', '2024-01-03 00:00', 180, 'bad'), ('a', '2024-01-03 06:00', 7, 'ok'),
  ('a', '2024-01-04 06:00', 12, 'ok'), ('b', '2024-01-03 00:00', 5, 'ok')`

test('an event knows the one before it, wherever the window begins', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE readings (vehicle VARCHAR, ts TIMESTAMP, km BIGINT, state VARCHAR)`)
  await warehouse.run(sql`INSERT INTO readings VALUES ${sql.raw(values)}`)
  const view = featureView('v', {
    of: vehicle,
    from: readings,
    every: '1d',
    features: (f) => ({
      between: f.mean((r) => r.sincePrevious()).over('3d'), // 10, 1.5, 0.5, 0 and 0.25 days
      driven: f.sum((r) => r.increase('km')).over('3d'), // 30, 50, 10, and 7 after the reset
      longest: f.max((r) => r.sincePrevious()).over('1d'),
      turned: f
        .count()
        .where((r) => r.state.ne(r.previous('state')))
        .over('3d'), // bad on the 2nd, ok and back on the 3rd: of two at once, 180 km came first
    }),
  })
  const next = label('next', { of: vehicle, from: readings, value: (f) => f.sum((r) => r.increase('km')).ahead('2d') })
  const spine = sql`
    SELECT v AS vehicle, TIMESTAMP '2024-01-04' AS at FROM (VALUES ('a'), ('b')) AS s(v)
  `
  const set = await buildTrainingSet({
    warehouse,
    service: featureService('s', [view]),
    labels: [next],
    spine: { query: spine },
    time: 'at',
    asOf: new Date('2024-01-09'),
  })
  expect(rowsOf(await set.read())).toMatchObject([
    {
      v__between_3d: (10 + 1.5 + 0.5 + 0 + 0.25) / 5,
      v__driven_3d: 97,
      v__longest_1d: 0.5,
      v__turned_3d: 2,
      next: 5,
    },
    { v__between_3d: null, v__driven_3d: 0, v__longest_1d: null, v__turned_3d: 0, next: 0 },
  ])
  const range = { from: null, to: null, now: BigInt(Date.UTC(2024, 0, 5)) * 1000n }
  const { findings } = await checkView(warehouse, view, range)
  expect(findings.filter(({ check }) => check === 'resets')).toMatchObject([
    { column: 'km', count: 1, total: 5, example: 'a at 2024-01-03T06:00Z', severity: 'warn' },
  ])
  const { results, known } = await checkView(warehouse, view, range, { severity: { 'readings.km.resets': 'off' } })
  expect(results.filter(({ check }) => check === 'resets')).toEqual([])
  expect(known).toContain('readings.km.resets')
})
