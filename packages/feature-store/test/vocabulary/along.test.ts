import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { viewLineage } from '../../src/catalog/lineage.ts'
import { buildTrainingSet, decimal, entity, fact, featureService, featureView } from '../../src/index.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const truck = entity('truck', { truck_id: z.string() })
const runs = fact('runs', {
  columns: {
    truck_id: z.string(),
    ts: z.date(),
    seq: z.int(),
    hours: decimal(8, 1).nullable(),
    km: z.int().nullable(),
    fuel: z.number(),
  },
  entities: [truck],
  eventTime: 'ts',
  sequence: 'seq',
})
const view = featureView('burnt', {
  of: truck,
  from: runs,
  every: '1d',
  features: (f) => ({
    fuel: f.sum('fuel').along('hours', 100, 101, 250),
    big: f
      .sum('fuel')
      .where((r) => r.fuel.gt(3))
      .along('hours', 250),
    n: f.count().along('km', 10),
  }),
})

test('a window holds what lies less than the distance below the newest event, across resets and blank readings', async () => {
  await using warehouse = await openDuckDb()
  // Below the newest: no place, 350.0, 150.0 (twice: a blank reading stands where the one before does), 100.0, 0.
  await warehouse.run(
    sql`
      CREATE TABLE runs AS SELECT * FROM (VALUES
        ('a', TIMESTAMP '2024-01-01 12:00', 1, NULL::DECIMAL(8, 1), 5, 64.0::DOUBLE),
        ('a', TIMESTAMP '2024-01-02 12:00', 1, 700.0, NULL, 1.0),
        ('a', TIMESTAMP '2024-01-03 12:00', 2, NULL, 14, 4.0),
        ('a', TIMESTAMP '2024-01-03 12:00', 1, 900.0, 15, 2.0),
        ('a', TIMESTAMP '2024-01-04 12:00', 1, 50.0, NULL, 8.0),
        ('a', TIMESTAMP '2024-01-05 12:00', 1, 150.0, 24, 16.0),
        ('b', TIMESTAMP '2024-01-05 12:00', 1, NULL, NULL, 5.0)) AS v(truck_id, ts, seq, hours, km, fuel)
    `,
  )
  const spine = { query: sql`SELECT truck_id, TIMESTAMP '2024-01-06' AS "at" FROM (VALUES ('a'), ('b')) k(truck_id)` }
  const service = featureService('s', [view])
  const rows = rowsOf(await (await buildTrainingSet({ warehouse, service, spine, time: 'at' })).read())
  const found = rows.map((row) => [row['truck_id'], ...view.picked.map((name) => row[`burnt__${name}`])])
  // In kilometres the increases are 0, 10 (from 5 to 15), then 14 anew, 0, 10.
  expect(found).toEqual([
    ['a', 16, 24, 30, 28, 1],
    ['b', 0, 0, 0, 0, 0],
  ])
})

test('the meter is an input, and part of the hash', () => {
  expect(view.picked).toEqual(['fuel_100_hours', 'fuel_101_hours', 'fuel_250_hours', 'big_250_hours', 'n_10_km'])
  expect(viewLineage(view.plan).map((edge) => `${edge.from_name} → ${edge.to_name}`)).toContain(
    'runs.km → burnt.n_10_km',
  )
  expect(viewPlan.parse(JSON.parse(JSON.stringify(view.plan)))).toEqual(view.plan)
  expect(featureText(view.plan.features[2] ?? raise())).toBe('sum(fuel) along the last 250 of hours')
})

function raise(): never {
  throw new Error('the view has no such feature')
}
