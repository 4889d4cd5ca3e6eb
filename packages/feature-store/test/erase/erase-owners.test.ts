import { sql } from 'kysely'
import { columnBatch, ensureTable, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { applyDefinitions } from '../../src/catalog/apply.ts'
import { planDefinitions } from '../../src/catalog/plan-definitions.ts'
import { dimension } from '../../src/define/sources/dimension.ts'
import { entity } from '../../src/define/sources/entity.ts'
import { fact } from '../../src/define/sources/fact.ts'
import { featureService } from '../../src/define/feature-service.ts'
import { featureView } from '../../src/define/feature-view.ts'
import { precomputed } from '../../src/define/sources/precomputed.ts'
import { erase } from '../../src/erase/erase.ts'
import { keyMentions } from '../../src/erase/key-mentions.ts'
import { erasedKeys } from '../../src/erase/erased-keys.ts'
import { eraseOnline } from '../../src/erase/erase-online.ts'
import { materialize } from '../../src/materialize/materialize.ts'
import { keyCodec } from '../../src/online/key-codec.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { buildTrainingSet } from '../../src/read/training-set.ts'
import { inPlace } from '../materialize/in-place.ts'
import { rowsOfTable } from './shop.ts'

// Two entities whose key columns have one name, and a third that has it, too, and one more.
const person = entity('person', { id: z.int() })
const site = entity('site', { id: z.int() })
const line = entity('line', { id: z.int(), line: z.int() })
const visits = fact('mart.visits', { columns: { id: z.int(), ts: z.date() }, entities: [person], eventTime: 'ts' })
const readings = fact('mart.readings', { columns: { id: z.int(), ts: z.date() }, entities: [site], eventTime: 'ts' })
const lines = fact('mart.lines', {
  columns: { id: z.int(), line: z.int(), ts: z.date() },
  entities: [line],
  eventTime: 'ts',
})
const personVisits = featureView('person_visits', {
  of: person,
  from: visits,
  every: '1d',
  features: (f) => ({ n: f.count().over('7d') }),
})
const siteReadings = featureView('site_readings', {
  of: site,
  from: readings,
  every: '1d',
  features: (f) => ({ n: f.count().over('7d') }),
})
const lineViews = featureView('line_views', {
  of: line,
  from: lines,
  every: '1d',
  features: (f) => ({ n: f.count().over('7d') }),
})
const views = [personVisits, siteReadings, lineViews]
const now = '2024-01-05T00:00Z'

async function fill(warehouse: Warehouse): Promise<void> {
  const at = { type: 'timestamp', values: [1, 1, 2].map((day) => new Date(Date.UTC(2024, 0, day))) } as const
  const id = { type: 'integer', values: [7, 8, 7] } as const
  for (const [table, batch] of [
    ['mart.visits', { id, ts: at }],
    ['mart.readings', { id, ts: at }],
    ['mart.lines', { id, line: { type: 'integer', values: [1, 1, 2] }, ts: at }],
  ] as const) {
    await ensureTable(warehouse, { table, columns: Object.entries(batch).map(([name, { type }]) => ({ name, type })) })
    await warehouse.append(table, columnBatch(batch))
  }
}

const ids = async (warehouse: Warehouse, table: string): Promise<readonly unknown[]> =>
  [...new Set((await rowsOfTable(warehouse, table)).map((row) => row['id']))].toSorted()

test('entities that share the name of a key column are not taken for one another', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await fill(warehouse)
    const online = openMemoryStore()
    await applyDefinitions(catalog, await planDefinitions(catalog, views))
    await materialize({ warehouse, catalog, online, views, quality: false, now })
    await buildTrainingSet({
      warehouse,
      service: featureService('sites', [siteReadings]),
      time: 'ts',
      spine: { table: 'mart.readings' },
      into: 'training.sites',
    })
    const before = await Promise.all(
      ['features.site_readings', 'features.line_views'].map((table) => rowsOfTable(warehouse, table)),
    )
    const tiles = async () =>
      (await rowsOfTable(warehouse, 'features_internal.moment_tables')).map((row) => String(row['table_name']))
    const other = (
      await Promise.all((await tiles()).map(async (table) => (await rowsOfTable(warehouse, table)).length))
    ).reduce((a, b) => a + b, 0)

    const done = await erase({
      warehouse,
      catalog,
      online,
      entity: person,
      keys: [{ id: 7 }],
      trainingSets: [{ table: 'training.sites', service: 'sites' }],
    })
    expect(await ids(warehouse, 'features.person_visits')).toEqual([8])
    expect(
      await Promise.all(
        ['features.site_readings', 'features.line_views'].map((table) => rowsOfTable(warehouse, table)),
      ),
    ).toEqual(before)
    expect(await ids(warehouse, 'training.sites')).toEqual([7, 8])
    expect([
      await online.count('person_visits'),
      await online.count('site_readings'),
      await online.count('line_views'),
    ]).toEqual([1, 2, 3])
    // Two days of visits of person 7; the tiles of sites and lines stay.
    expect(
      (await Promise.all((await tiles()).map(async (table) => (await rowsOfTable(warehouse, table)).length))).reduce(
        (a, b) => a + b,
        0,
      ),
    ).toBe(other - 2)
    expect(done.facts).toEqual([{ table: 'mart.visits', rows: 2 }])
    expect(done.unreached).toEqual([
      expect.stringMatching(
        /^features\.line_views: it has the key columns of person, but no fact, service or label says that they mean the same in line/,
      ),
      expect.stringMatching(/^features_internal\.moments_\w+: it has the key columns of person, but no fact/),
      expect.stringMatching(/^features_internal\.published_line_views: it has the key columns of person, but no fact/),
      expect.stringMatching(/^training\.sites: .* may as well be about site/),
    ])
  }))

test('a service that takes both keys says that they mean the same', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await fill(warehouse)
    const online = openMemoryStore()
    const both = featureService('both', [personVisits, lineViews])
    await applyDefinitions(catalog, await planDefinitions(catalog, [...views, both]))
    await materialize({ warehouse, catalog, online, views, quality: false, now })
    await erase({ warehouse, catalog, online, entity: person, keys: [{ id: 7 }] })
    expect([
      await ids(warehouse, 'features.person_visits'),
      await ids(warehouse, 'features.line_views'),
      await ids(warehouse, 'features.site_readings'),
    ]).toEqual([[8], [8], [7, 8]])
    expect([
      await online.count('person_visits'),
      await online.count('site_readings'),
      await online.count('line_views'),
    ]).toEqual([1, 2, 1])
  }))

test("definitions that were never applied are known when they are given; dimensions and precomputed tables are the user's", () =>
  inPlace(async ({ warehouse, catalog }) => {
    await fill(warehouse)
    const people = dimension('mart.people', { columns: { id: z.int(), town: z.string() }, entity: person })
    const scores = precomputed('mart.scores', {
      columns: { id: z.int(), at: z.date(), score: z.number() },
      entity: person,
      time: 'at',
    })
    const score = featureView('score', {
      of: person,
      from: scores,
      every: '1d',
      features: (f) => ({ score: f.column('score') }),
    })
    const towns = featureView('towns', {
      of: person,
      from: people,
      every: '1d',
      features: (f) => ({ town: f.attribute('town', { withoutHistory: 'allow' }) }),
    })
    await warehouse.run(warehouse.leaves.createTableAs('mart.people', sql`SELECT 7 AS id, 'Bern' AS town`))
    await warehouse.run(
      warehouse.leaves.createTableAs(
        'mart.scores',
        sql`SELECT 7 AS id, ${warehouse.leaves.timestamp(1_704_067_200_000_000n)} AS at, CAST(0.5 AS DOUBLE PRECISION) AS score`,
      ),
    )
    const online = openMemoryStore()
    await materialize({ warehouse, catalog, online, views: [score], quality: false, now })
    expect(await online.count('score')).toBe(1)
    const done = await erase({
      warehouse,
      catalog,
      online,
      entity: person,
      keys: [{ id: 7 }],
      definitions: [score, towns],
    })
    expect(done).toMatchObject({
      removed: [
        { place: 'memory store, table score', rows: 1 },
        { place: 'features_internal.published_score', rows: 1 },
      ],
      facts: [
        { table: 'mart.scores', rows: 1 },
        { table: 'mart.people', rows: 1 },
      ],
    })
    expect(await online.count('score')).toBe(0)
  }))

test('keys too long to be kept are counted where only their hash is there', async () => {
  const store = openMemoryStore()
  const stored = {
    name: 'note',
    keys: [
      { name: 'id', type: 'text' as const },
      { name: 'text', type: 'text' as const },
    ],
  }
  const codec = keyCodec(stored.keys)
  const long = 'x'.repeat(2000)
  await store.write(
    'notes',
    [
      { id: 'a', text: 'short' },
      { id: 'a', text: long },
      { id: 'b', text: 'short' },
    ].map((key) => ({ key: codec.encode(key), time: 1n, value: Uint8Array.of(1) })),
  )
  const keys = erasedKeys({ name: 'person', keys: [{ name: 'id', type: 'text' }] }, [{ id: 'a' }])
  expect(await eraseOnline(store, { table: 'notes', entity: stored }, keys, true)).toEqual({ rows: 1, hashed: 1 })
  expect(await eraseOnline(store, { table: 'notes', entity: stored }, keys, false)).toEqual({ rows: 1, hashed: 1 })
  expect(await store.count('notes')).toBe(2)
  const exact = erasedKeys(stored, [{ id: 'a', text: long }])
  expect(await eraseOnline(store, { table: 'notes', entity: stored }, exact, false)).toEqual({ rows: 1, hashed: 0 })
})

test('a key in the code of a definition is named, for nobody changes a revision', () =>
  inPlace(async ({ warehouse, catalog }) => {
    const named = entity('customer', { customer_id: z.string() })
    const orders = fact('mart.orders', {
      columns: { customer_id: z.string(), ts: z.date(), amount: z.number() },
      entities: [named],
      eventTime: 'ts',
    })
    const view = featureView('of_one', {
      of: named,
      from: orders,
      every: '1d',
      features: (f) => ({
        n: f
          .count()
          .where((row) => row.customer_id.eq('ann-7'))
          .over('7d'),
      }),
    })
    await applyDefinitions(catalog, await planDefinitions(catalog, [view]))
    const done = await erase({
      warehouse,
      catalog,
      online: openMemoryStore(),
      entity: named,
      keys: [{ customer_id: 'ann-7' }],
    })
    expect(done.unreached).toEqual([
      'view of_one, revision 1: its definition names a key; the catalog never changes revisions',
    ])
    expect(keyMentions(erasedKeys(named.plan, [{ customer_id: 'ann-7' }])).inText(JSON.stringify(done))).toBe(false)
  }))
