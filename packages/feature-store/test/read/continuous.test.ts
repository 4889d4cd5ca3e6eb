import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  applyDefinitions,
  buildTrainingSet,
  checkView,
  days,
  definitionsPlanText,
  entity,
  everyGrid,
  fact,
  featureService,
  featureView,
  lineageOf,
  materialize,
  openCatalog,
  openMemoryStore,
  planDefinitions,
  planMaterialization,
  previewRows,
  T,
  type AnyFeatureService,
  type TrainingSetOptions,
} from '../../src/index.ts'
import { FEATURE_TIME } from '../../src/vocabulary/algebra/expression-sql.ts'
import { expressionValue } from '../../src/vocabulary/algebra/expression-value.ts'
import { continuousLayout } from '../../src/vocabulary/continuous/layout.ts'
import { replaceTable, rowsOf, tableBatch } from '../oracle/mart-tables.ts'
import type { Row } from '../oracle/row.ts'

const at = (clock: string): number => Date.parse(`2024-05-01T${clock}Z`) * 1000
const PAYMENTS = {
  account_id: 'bigint',
  shop_id: 'text',
  at: 'timestamp',
  arrived: 'timestamp',
  amount: 'double',
} as const
const payments = (
  [
    ['10:00:00', '10:00:00', 10],
    ['10:58:30', '10:58:30', 20],
    ['11:00:10', '11:00:10', 5],
    ['11:30:00', '12:00:00', 7],
  ] as const
).map(([time, arrived, amount]) => ({ account_id: 1, shop_id: 'a', at: at(time), arrived: at(arrived), amount }))
const others = [{ account_id: 2, shop_id: 'b', at: at('10:30:00'), arrived: at('10:30:00'), amount: 100 }]

const account = entity('account', { account_id: z.int() })
const shop = entity('shop', { shop_id: z.string() })
const columns = { account_id: z.int(), shop_id: z.string(), at: z.date(), arrived: z.date(), amount: z.number() }
const source = fact('mart.payments', { columns, entities: [account, shop], eventTime: 'at', knownAt: 'arrived' })
const velocity = featureView('velocity', {
  of: account,
  from: source,
  every: 'continuous',
  features: (f) => ({ n: f.count().over('1h'), spent: f.sum('amount').over('1h').default(0), newest: f.last('at') }),
  derive: (v) => ({ quiet: days(v.newest, T) }),
})
const byEvent = featureView('by_event', {
  of: account,
  from: source,
  every: 'continuous',
  clock: 'newest event',
  features: (f) => ({ n: f.count().over('1h'), newest: f.last('at') }),
  derive: (v) => ({ quiet: days(v.newest, T) }),
})
const hourly = featureView('hourly', {
  of: account,
  from: source,
  every: '1h',
  ttl: '7d',
  features: (f) => ({ n: f.count().over('1h'), shop: f.last('shop_id') }),
})
const shops = featureView('shops', {
  of: shop,
  from: source,
  every: 'continuous',
  features: (f) => ({ n: f.count().over('24h') }),
})

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await replaceTable(warehouse, 'mart.payments', PAYMENTS, [...payments, ...others])
})
afterAll(() => warehouse.close())

async function rowsAt(
  service: AnyFeatureService,
  spine: readonly Row[],
  more: Partial<TrainingSetOptions> = {},
): Promise<readonly Row[]> {
  const rows = tableBatch(spine, { account_id: 'bigint', at: 'timestamp' })
  const set = await buildTrainingSet({ warehouse, service, spine: { rows }, time: 'at', ...more })
  return rowsOf(await set.read())
}

const one = (clock: string): Row => ({ account_id: 1, at: at(clock) })
const service = featureService('asked', [velocity, byEvent])

describe('a continuous view in a training set', () => {
  test('begins its window at a whole minute, and ends it before the very instant', async () => {
    const clocks = ['11:00:10', '11:00:10.000001', '11:00:30', '11:00:59.999999', '11:01:00']
    const spine = clocks.map((clock) => ({ account_id: 1, at: at(clock.slice(0, 8)) + Number(clock.slice(9) || 0) }))
    const rows = await rowsAt(service, spine)
    // Ten o'clock is in the window of one hour until a minute past eleven.
    expect(rows.map((row) => row['velocity__n_1h'])).toEqual([2, 3, 3, 3, 2])
    expect(rows.map((row) => row['velocity__spent_1h'])).toEqual([30, 35, 35, 35, 25])
  })

  test('counts a late event from when it has arrived', async () => {
    const rows = await rowsAt(service, [one('11:45:00'), one('11:59:59'), one('12:00:00')])
    expect(rows.map((row) => row['velocity__n_1h'])).toEqual([2, 1, 2])
    expect(rows.map((row) => row['velocity__spent_1h'])).toEqual([25, 5, 12])
  })

  test('by the newest event, lasts as long as nothing comes', async () => {
    const rows = await rowsAt(service, [one('11:45:00'), one('20:00:00')])
    expect(rows.map((row) => row['velocity__n_1h'])).toEqual([2, 0])
    // At 11:45 the newest event that had arrived was of 11:00:10; at 20:00 it was of 11:30.
    expect(rows.map((row) => row['by_event__n_1h'])).toEqual([3, 3])
    expect(rows[1]?.['by_event__quiet']).toBeCloseTo(1 / 86_400_000_000, 15)
    expect(rows[1]?.['velocity__quiet']).toBeCloseTo(8.5 / 24, 12)
  })

  test('has a row for whoever has a fact before t, and defaults where it has none', async () => {
    const rows = await rowsAt(service, [
      { account_id: 1, at: at('10:00:00') },
      { account_id: 1, at: at('10:00:00') + 1 },
      { account_id: 3, at: at('12:00:00') },
    ])
    expect(rows.map((row) => [row['velocity__n_1h'], row['velocity__spent_1h']])).toEqual([
      [null, 0],
      [1, 10],
      [null, 0],
    ])
    expect(rows.map((row) => row['velocity__spent_1h__missing'])).toEqual([true, false, true])
  })

  test('stands beside a view with a grid, in a role, and of an entity that is looked up', async () => {
    const mixed = featureService('mixed', [
      hourly.pick('n_1h'),
      velocity.pick('n_1h'),
      velocity.as('payer', { account_id: 'payer_id' }).pick('spent_1h'),
      shops.via(hourly, 'shop'),
    ])
    const rows = tableBatch([{ account_id: 1, payer_id: 2, at: at('11:00:30') }], {
      account_id: 'bigint',
      payer_id: 'bigint',
      at: 'timestamp',
    })
    const set = await buildTrainingSet({ warehouse, service: mixed, spine: { rows }, time: 'at' })
    expect(rowsOf(await set.read())).toMatchObject([
      { hourly__n_1h: 2, velocity__n_1h: 3, payer__spent_1h: 100, shops__n_24h: 3 },
    ])
  })

  test('is computed from facts whatever the others are read from', async () => {
    await using catalog = await openCatalog({ path: ':memory:' })
    await materialize({ warehouse, catalog, views: [hourly], now: new Date('2024-05-01T13:00:00Z'), quality: false })
    const mixed = featureService('mixed', [hourly, velocity])
    const spine = [one('11:00:30'), one('12:00:00')]
    const facts = await rowsAt(mixed, spine)
    expect(await rowsAt(mixed, spine, { catalog, from: 'materialized' })).toEqual(facts)
    expect(await rowsAt(mixed, spine, { catalog, from: 'tiles' })).toEqual(facts)
  })

  test('says who is there at the times of a grid', async () => {
    const spine = everyGrid({ of: velocity, every: '30m', from: '2024-05-01T10:00:00Z', to: '2024-05-01T11:30:00Z' })
    const set = await buildTrainingSet({ warehouse, service, spine, time: 'at' })
    const rows = rowsOf(await set.read())
    expect(rows.map((row) => [row['account_id'], row['velocity__n_1h']])).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
    ])
  })
})

test('a preview is of the instant, with the events of its windows', async () => {
  const preview = await previewRows({
    warehouse,
    view: byEvent,
    keys: [{ account_id: 1 }],
    at: new Date('2024-05-01T11:45:00Z'),
    features: ['n_1h'],
  })
  expect(preview.featureTime).toBe(BigInt(at('11:45:00')))
  const [feature] = preview.rows[0]?.features ?? []
  expect(feature).toMatchObject({ name: 'n_1h', words: 'count(*) over 1h in steps of 1min' })
  expect(feature?.events).toMatchObject([{ count: 3 }])
})

test('materialization writes no rows of it, and brings the other views up to date', async () => {
  await using catalog = await openCatalog({ path: ':memory:' })
  await using online = openMemoryStore()
  const options = { warehouse, catalog, online, views: [velocity, hourly], now: new Date('2024-05-01T13:00:00Z') }
  const { views } = await planMaterialization(options)
  expect(views[0]).toMatchObject({ work: { action: 'publish' }, instants: 0, estimatedRows: 0 })
  expect(views[0]?.work.reason).toContain('it is continuous')
  const done = await materialize(options)
  expect(done[0]).toMatchObject({ view: 'velocity', rows: 0, from: null, to: null, newest: null, watermark: null })
  expect(done[1]).toMatchObject({ view: 'hourly', published: 2 })
  expect(await warehouse.introspect('features.velocity')).toBeUndefined()
})

test('its source is checked, without asking how often rows are expected', async () => {
  const now = BigInt(Date.UTC(2026, 0, 1)) * 1000n
  const { results } = await checkView(warehouse, velocity, { from: null, to: null, now })
  expect(results.filter(({ count }) => count > 0)).toEqual([])
  const checks = new Set(results.map(({ check }) => check))
  expect(checks.has('volume')).toBe(true)
  expect(checks.has('freshness')).toBe(false)
})

test('the catalog names the clock and the grid when they change, warns of no ttl, and knows what it is made of', async () => {
  await using catalog = await openCatalog({ path: ':memory:' })
  const onGrid = featureView('velocity', {
    of: account,
    from: source,
    every: '1h',
    ttl: '7d',
    features: (f) => ({ n: f.count().over('1h') }),
  })
  const named = (clock: 'wall' | 'newest event') =>
    featureView('velocity', {
      of: account,
      from: source,
      every: 'continuous',
      clock,
      features: (f) => ({ n: f.count().over('1h') }),
    })
  await applyDefinitions(catalog, await planDefinitions(catalog, [onGrid]))
  const first = await planDefinitions(catalog, [named('wall')])
  expect(first.warnings).toEqual([])
  expect(definitionsPlanText(first)).toContain('grid every 1h → continuous')
  expect(definitionsPlanText(first)).toContain('count(*) over 1h → count(*) over 1h in steps of 1min')
  await applyDefinitions(catalog, first)
  const second = await planDefinitions(catalog, [named('newest event')])
  expect(definitionsPlanText(second)).toContain('clock wall → newest event')
  const made = await lineageOf(catalog.db, { kind: 'feature', name: 'velocity.n_1h' }, 'upstream')
  expect(made.map(({ name }) => name).toSorted()).toEqual(['mart.payments.arrived', 'mart.payments.at'])
})

test('what is derived with T is evaluated in process as in SQL', async () => {
  const [row] = await rowsAt(service, [one('11:45:00')])
  const [quiet] = continuousLayout(velocity.plan).derived
  if (quiet === undefined) throw new Error('velocity derives a feature')
  const places = new Map([
    ['newest', { place: 0, type: 'timestamp' as const }],
    [FEATURE_TIME, { place: 1, type: 'timestamp' as const }],
  ])
  const evaluate = expressionValue(quiet.expression, (name) => {
    const found = places.get(name)
    if (found === undefined) throw new Error(`there is no ${name}`)
    return found
  })
  expect(evaluate([BigInt(at('11:00:10')), BigInt(at('11:45:00'))])).toBe(row?.['velocity__quiet'])
})
