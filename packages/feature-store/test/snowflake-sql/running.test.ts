import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { expectAllowed } from '../../../warehouse/test/snowflake-sql/expect-allowed.ts'
import { recordSnowflake } from '../../../warehouse/test/snowflake-sql/recorder.ts'
import { dimension, entity, fact, featureView, buildTrainingSet, featureService } from '../../src/index.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { checkView } from '../../src/quality/check-view.ts'
import { toMicros } from '../../src/catalog/instant.ts'
import { changedUsage, createMart, customer, customerUsage, usage } from '../materialize/energy.ts'
import { inPlace } from '../materialize/in-place.ts'
import { alarm, customerUsage as readUsage, nextDay, openMart, scoreView, service } from '../read/training-marts.ts'

test('materializing: first and later runs, a range again, a changed view, moments, precomputed rows, and their quality checks', () =>
  inPlace(async ({ warehouse: duckdb, catalog }) => {
    await createMart(duckdb)
    const { warehouse, texts } = recordSnowflake(duckdb)
    await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-12T06:00Z', chunk: { instants: 4 } })
    await materialize({ warehouse, catalog, views: [customerUsage], now: '2024-01-20T06:00Z' })
    await materialize({
      warehouse,
      catalog,
      views: [customerUsage],
      now: '2024-01-20T06:00Z',
      from: '2024-01-05',
      to: '2024-01-08',
    })
    await materialize({ warehouse, catalog, views: [changedUsage], now: '2024-01-22T06:00Z' })
    const twin = featureView('twin', {
      of: customer,
      from: usage,
      every: '1d',
      delay: '6h',
      features: (f) => ({ spread: f.stddev('kwh').over('7d'), last: f.last('kwh').over('7d') }),
    })
    await materialize({ warehouse, catalog, views: [twin], now: '2024-01-22T06:00Z' })
    for (const verb of ['CREATE OR REPLACE TABLE', 'CREATE OR REPLACE VIEW', 'DELETE FROM', 'INSERT INTO'])
      expect(
        [...texts].some((text) => text.startsWith(verb)),
        verb,
      ).toBe(true)
    expectAllowed('materialize', [...texts])
  }))

test('training sets from a spine of rows and of a query, with labels, precomputed and materialized features', async () => {
  const duckdb = await openMart()
  const { warehouse, texts } = recordSnowflake(duckdb)
  const { leaves } = warehouse
  const spine = {
    query: sql`
      SELECT 'a' AS customer_id, ${leaves.timestamp(toMicros('2024-01-09'))} AS at
      UNION ALL SELECT 'b', ${leaves.timestamp(toMicros('2024-01-12'))}
    `,
  }
  const set = await buildTrainingSet({
    warehouse,
    service,
    spine,
    time: 'at',
    labels: [nextDay, alarm],
    asOf: new Date('2024-02-01Z'),
  })
  expect(rowsOf(await set.read())).toHaveLength(2)
  await buildTrainingSet({
    warehouse,
    service: featureService('both', [readUsage, scoreView]),
    spine,
    time: 'at',
    labels: [nextDay],
  })
  expectAllowed('training-sets', [...texts])
  await duckdb.close()
})

test('quality checks of every rule on a column, of keys, times, duplicates and gaps', async () => {
  const meter = entity('meter', { meter_id: z.string() })
  const readings = fact('mart.readings', {
    columns: {
      meter_id: z.string(),
      ts: z.date(),
      kwh: z.number().min(0).max(100),
      loss: z.number().positive().lt(1).nullable(),
      reads: z.int(),
      tariff: z.enum(['day', 'night']),
      code: z.string().min(2).max(4).nullable(),
      serial: z
        .string()
        .regex(/^[A-Z]\d+$/)
        .nullable(),
      cost: z.number(),
    },
    entities: [meter],
    eventTime: 'ts',
  })
  const meters = dimension('mart.meters', {
    columns: { meter_id: z.string(), site: z.string(), since: z.date(), until: z.date().nullable() },
    entity: meter,
    validFrom: 'since',
    validTo: 'until',
  })
  const view = featureView('meter_use', {
    of: meter,
    from: readings,
    every: '1h',
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), site: f.attribute(meters, 'site') }),
  })
  const duckdb = await openDuckDb()
  for (const statement of [
    sql`CREATE SCHEMA mart`,
    // One of everything that can be wrong, so that its statements are printed.
    sql`CREATE TABLE mart.readings AS SELECT * FROM (VALUES
      ('m1', TIMESTAMP '2024-01-01 20:00', -1.0::DOUBLE, 2.0::DOUBLE, 2.5::DOUBLE, 'dusk', 'a', '17A', 'nan'::DOUBLE),
        ('m1', TIMESTAMP '2024-01-01 20:00', 1, 0, 2, 'day', 'ab', 'A1', 1), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
      ('m2', TIMESTAMP '2024-01-03 20:00', 1, 0.5, 2, 'day', 'ab', 'A1', 1)) t(meter_id, ts, kwh, loss, reads, tariff, code, serial, cost)`,
    sql`
      INSERT INTO mart.readings SELECT 'm1', TIMESTAMP '2023-12-20' + to_hours(i), 1, 0.5, 2, 'day', 'ab', 'A1', 1
      FROM range(200) r(i)
      WHERE i NOT IN (50, 51, 90)
    `,
    sql`
      CREATE TABLE mart.meters AS SELECT *
      FROM (VALUES ('m1', 'north', TIMESTAMP '2020-01-01', TIMESTAMP '2019-01-01'), (NULL, 'x', NULL, NULL)) t(meter_id, site, since, until)
    `,
  ])
    await duckdb.run(statement)
  const { warehouse, texts } = recordSnowflake(duckdb)
  const now = toMicros('2024-01-02')
  const found = [
    ...(await checkView(warehouse, view, { from: null, to: null, now })).findings,
    ...(await checkView(warehouse, view, { from: toMicros('2024-01-01'), to: now, now: toMicros('2024-02-02') }))
      .findings,
  ]
  for (const check of ['range', 'length', 'pattern', 'duplicates'])
    expect(found.map((finding) => finding.check)).toContain(check)
  expectAllowed('quality', [...texts])
  await duckdb.close()
})
