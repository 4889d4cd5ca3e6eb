import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDuckDb, sql } from '@martlet/warehouse'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  type AnyFeatureView,
} from '../../src/index.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 26) * 1000

const meter = entity('meter', { meter: z.string() })
const site = entity('site', { site: z.string() })
const region = entity('region', { region_no: z.int() })
const usage = fact('mart.usage', {
  columns: { meter: z.string(), ts: z.date(), kwh: z.number() },
  entities: [meter],
  eventTime: 'ts',
})
const meters = dimension('mart.meters', {
  columns: { meter: z.string(), home: z.string().nullable(), since: z.date(), until: z.date().nullable() },
  entity: meter,
  validFrom: 'since',
  validTo: 'until',
})
// Its key column has another name than the entity's key.
const sites = dimension('mart.sites', {
  columns: {
    name: z.string(),
    kind: z.string().nullable(),
    region: z.int().nullable(),
    since: z.date(),
    until: z.date().nullable(),
  },
  entity: site.from({ site: 'name' }),
  validFrom: 'since',
  validTo: 'until',
})
const regions = dimension('mart.regions', {
  columns: { region_no: z.int(), label: z.string().nullable() },
  entity: region,
})
const accepted = { withoutHistory: 'allow' } as const

interface Choice {
  readonly zone: string
  readonly delay: '0h' | '6h'
  readonly from: 'fact' | 'population' | 'dimension'
}

function view({ zone, delay, from }: Choice): AnyFeatureView {
  const timing = { of: meter, every: '1d', zone, delay } as const
  if (from === 'dimension')
    return featureView('word', {
      ...timing,
      from: meters,
      features: (f) => ({
        home: f.attribute('home'),
        kind: f.via(meters, 'home').attribute(sites, 'kind'),
        label: f.via(meters, 'home').via(sites, 'region').attribute(regions, 'label', accepted),
      }),
    })
  return featureView('word', {
    ...timing,
    from: usage,
    ...(from === 'population' ? { population: meters } : {}),
    features: (f) => ({
      kwh: f.sum('kwh').over('2d'),
      home: f.attribute(meters, 'home'),
      kind: f.via(meters, 'home').attribute(sites, 'kind'),
      region: f.via(meters, 'home').attribute(sites, 'region'),
      label: f.via(meters, 'home').via(sites, 'region').attribute(regions, 'label', accepted),
    }),
    derive: (v) => ({ same: v.kind.eq(v.home) }),
    among: (v, everybody) => ({ standing: everybody.rank(v.kwh_2d, { within: v.kind }) }),
  })
}

const hour = fc.integer({ min: 0, max: 8 * 24 }).map((i) => START + i * HOUR)
const names = fc.constantFrom('x', 'y')
const interval = { since: hour, length: fc.constantFrom(null, null, DAY, 3 * DAY, 6 * HOUR, 0) }
const ended = <R extends { readonly since: number; readonly length: number | null }>({ length, ...row }: R) => ({
  ...row,
  until: length === null ? null : row.since + length,
})

expectWord('attributes of entities that attributes name', {
  tables: {
    'mart.usage': { meter: 'text', ts: 'timestamp', kwh: 'double' },
    'mart.meters': { meter: 'text', home: 'text', since: 'timestamp', until: 'timestamp' },
    'mart.sites': { name: 'text', kind: 'text', region: 'bigint', since: 'timestamp', until: 'timestamp' },
    'mart.regions': { region_no: 'bigint', label: 'text' },
  },
  meters: ['meter'],
  marts: fc.record({
    'mart.usage': fc.array(
      fc.record({
        meter: fc.constantFrom('a', 'b'),
        ts: hour,
        kwh: fc.integer({ min: -8, max: 40 }).map((i) => i / 4),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    'mart.meters': fc.array(
      fc.record({ meter: fc.constantFrom('a', 'b'), home: fc.option(names, { freq: 4 }), ...interval }).map(ended),
      { maxLength: 5 },
    ),
    'mart.sites': fc.array(
      fc
        .record({ name: names, kind: fc.option(names), region: fc.option(fc.integer({ min: 1, max: 3 })), ...interval })
        .map(ended),
      // Few, as those of all marts are one table.
      { maxLength: 1 },
    ),
    'mart.regions': fc.array(fc.record({ region_no: fc.integer({ min: 1, max: 3 }), label: fc.option(names) }), {
      maxLength: 1,
    }),
  }),
  views: fc
    .record({
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      delay: fc.constantFrom('0h' as const, '6h' as const),
      from: fc.constantFrom('fact' as const, 'population' as const, 'dimension' as const),
    })
    .map(view),
  range: { from: START + 2 * DAY, to: START + 7 * DAY },
})

test('the values by hand', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.usage AS SELECT m AS meter, TIMESTAMP '2024-01-01' AS ts, 1.0::DOUBLE AS kwh
    FROM (VALUES ('a'), ('b'), ('c')) v(m)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.meters AS SELECT * FROM (VALUES ('a', 'x', TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-05'),
      ('a', 'y', TIMESTAMP '2024-01-05', NULL), ('b', NULL, TIMESTAMP '2024-01-01', NULL)) v(meter, home, since, until)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.sites AS SELECT * FROM (VALUES ('x', 'small', 1, TIMESTAMP '2024-01-01', NULL::TIMESTAMP),
      ('x', 'large', 1, TIMESTAMP '2024-01-03', NULL), ('y', 'huge', 9, TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-07'))
      v(name, kind, region, since, until)
  `)
  await warehouse.run(sql`CREATE TABLE mart.regions AS SELECT 1 AS region_no, 'north' AS label`)
  const service = featureService('s', [view({ zone: 'UTC', delay: '0h', from: 'fact' })])
  const spine = {
    query: sql`
      SELECT m AS meter, TIMESTAMP '2024-01-01' + to_days(d::INTEGER) AS at FROM (VALUES ('a'), ('b'), ('c')) v(m), range(1, 8, 2) r(d)
      ORDER BY m, d
    `,
  }
  const found = rowsOf(await (await buildTrainingSet({ warehouse, service, spine, time: 'at' })).read())
  expect(found.map((row) => [row['meter'], row['word__kind'], row['word__label']])).toEqual([
    ['a', 'small', 'north'],
    ['a', 'large', 'north'],
    // It has moved to y, whose region is unknown; from January 7 on y is unknown too.
    ['a', 'huge', null],
    ['a', null, null],
    ...['b', 'b', 'b', 'b', 'c', 'c', 'c', 'c'].map((name) => [name, null, null]),
  ])
})
