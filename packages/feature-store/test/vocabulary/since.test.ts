import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { viewLineage } from '../../src/catalog/lineage.ts'
import { buildTrainingSet, entity, event, fact, featureService, featureView } from '../../src/index.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { viewSources } from '../../src/vocabulary/view-sources.ts'
import { featureText } from '../../src/vocabulary/words.ts'

const truck = entity('truck', { truck_id: z.string() })
const trips = fact('trips', {
  columns: { truck_id: z.string(), ts: z.date(), km: z.number() },
  entities: [truck],
  eventTime: 'ts',
})
const services = fact('services', {
  columns: { truck_id: z.string(), at: z.date(), entered: z.date(), kind: z.enum(['major', 'minor']) },
  entities: [truck],
  eventTime: 'at',
  knownAt: 'entered',
})
const viewSince = (kind: 'major' | 'minor') => {
  const service = event('service', services, { where: (r) => r.kind.eq(kind) })
  return featureView('trucks', {
    of: truck,
    from: trips,
    every: '1d',
    features: (f) => ({
      km: f.sum('km').since(service),
      trips: f.count().since(service, { otherwise: 'lifetime' }),
      days: f.age(service),
    }),
  })
}

test('a window begins with the newest event that had arrived, its own moment included', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(
    sql`
      CREATE TABLE trips AS SELECT * FROM (VALUES
        ('a', TIMESTAMP '2024-01-01 12:00', 100.0::DOUBLE), ('a', TIMESTAMP '2024-01-02 12:00', 10.0),
        ('a', TIMESTAMP '2024-01-03 12:00', 1.0), ('b', TIMESTAMP '2024-01-02 12:00', 7.0)) AS v(truck_id, ts, km)
    `,
  )
  // Of a: a minor service, a major one at the moment of a trip that is entered a day later, and one yet to come. Of b: none.
  await warehouse.run(
    sql`
      CREATE TABLE services AS SELECT * FROM (VALUES
        ('a', TIMESTAMP '2024-01-01 18:00', TIMESTAMP '2024-01-01 18:00', 'minor'),
        ('a', TIMESTAMP '2024-01-02 12:00', TIMESTAMP '2024-01-03 12:00', 'major'),
        ('a', TIMESTAMP '2024-01-05', TIMESTAMP '2024-01-05', 'major')) AS v(truck_id, "at", entered, kind)
    `,
  )
  const spine = {
    query: sql`
      SELECT truck_id, "at" FROM (VALUES ('a'), ('b')) k(truck_id),
        (VALUES (TIMESTAMP '2024-01-03'), (TIMESTAMP '2024-01-04'), (TIMESTAMP '2024-01-05')) t("at")
    `,
  }
  const service = featureService('s', [viewSince('major')])
  const rows = rowsOf(await (await buildTrainingSet({ warehouse, service, spine, time: 'at' })).read())
  const found = rows
    .map((row) => [
      row['truck_id'],
      row['at'] instanceof Date ? row['at'].getUTCDate() : row['at'],
      row['trucks__km_since_service'],
      row['trucks__trips_since_service'],
      row['trucks__days'],
    ])
    .toSorted((a, b) => String(a).localeCompare(String(b)))
  expect(found).toEqual([
    ['a', 3, null, 2, null],
    ['a', 4, 11, 2, 1.5],
    ['a', 5, 11, 2, 2.5],
    ['b', 3, null, 1, null],
    ['b', 4, null, 1, null],
    ['b', 5, null, 1, null],
  ])
})

test('the events of an anchor are sources, inputs and part of the hash', () => {
  const { plan } = viewSince('major')
  expect(viewSources(plan).map(({ source }) => source.table)).toEqual(['trips', 'services'])
  expect(
    viewLineage(plan)
      .filter((edge) => edge.to_name === 'trucks.days')
      .map((edge) => edge.from_name),
  ).toEqual(['services.at', 'services.entered', 'services.kind'])
  expect(viewLineage(plan).map((edge) => `${edge.from_name} → ${edge.to_name}`)).toContain(
    'services.kind → trucks.km_since_service',
  )
  expect(viewSince('minor').plan.hash).not.toBe(plan.hash)
  expect(viewPlan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan)
  expect(plan.features.map(featureText)).toEqual([
    'sum(km) since the newest service (services where (kind = "major"))',
    'count(*) since the newest service (services where (kind = "major")), or over its lifetime',
    'days since the newest service (services where (kind = "major"))',
  ])
  expect(plan.features.map(({ nullable }) => nullable)).toEqual([true, false, true])
})
