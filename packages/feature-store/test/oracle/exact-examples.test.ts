import { columnBatch, dropTable, ensureTable, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  buildTrainingSet,
  fact,
  featureService,
  featureView,
  materialize,
  openCatalog,
  openMemoryStore,
  openOnlineReader,
  type AnyFeatureView,
} from '../../src/index.ts'
import { agree } from './exact/agree.ts'
import { lateReadings, meter, readings, TABLE, TYPES } from './exact/exact-mart.ts'
import { mismatches } from './exact/mismatches.ts'
import { DAY } from './exact/series.ts'
import { replaceTable, rowsOf, tableBatch } from './mart-tables.ts'
import type { Row, Value } from './row.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

const at = (text: string): number => Date.parse(`2024-${text}${text.includes('T') ? ':00' : 'T00:00:00'}Z`) * 1000
const JAN_6 = at('01-06')
const oneDay = { from: JAN_6, to: JAN_6 + DAY }

/** Readings that arrive at once. */
const events = (given: readonly (readonly [time: string, x: number])[], name = 'm'): readonly Row[] =>
  given.map(([time, x], seq) => ({ meter: name, ts: at(time), arrived: at(time), seq, x, y: seq }))
const wrong = async (view: AnyFeatureView, facts: readonly Row[], range = oneDay): Promise<readonly string[]> =>
  (await mismatches(warehouse, view, facts, range)).map(({ plan, text }) => `${plan}: ${text}`)

/** The feature of meter m in a training set with a row at each of these times. */
async function trained(
  view: AnyFeatureView,
  facts: readonly Row[],
  times: readonly number[],
): Promise<readonly Value[]> {
  await replaceTable(warehouse, TABLE, TYPES, facts)
  const rows = tableBatch(
    times.map((time) => ({ meter: 'm', at: time })),
    { meter: 'text', at: 'timestamp' },
  )
  const set = await buildTrainingSet({ warehouse, service: featureService('s', [view]), spine: { rows }, time: 'at' })
  return rowsOf(await set.read()).map((row) => row[set.features[0] ?? ''] ?? null)
}

describe.each([
  ['from facts', readings],
  ['with arrival times', lateReadings],
])('%s, what lies outside a window does not leak into it', (_, from) => {
  const view = { of: meter, from, every: '1d' } as const

  describe('the deviation of 0.4 and 0.6 after 1e8', () => {
    const spread = featureView('spread', { ...view, features: (f) => ({ x: f.stddev('x').over('1d') }) })
    const facts = events([
      ['01-01', 1e8],
      ['01-05T10:00', 0.4],
      ['01-05T11:00', 0.6],
    ])
    const right = 0.1 * Math.SQRT2

    test('is 0.1414 alone, and beside a row a month later', async () => {
      const [alone = null] = await trained(spread, facts, [JAN_6])
      const [beside = null, later] = await trained(spread, facts, [JAN_6, at('02-06')])
      agree(alone, right, 'alone')
      agree(beside, right, 'beside a row a month later')
      expect(later).toBeNull()
    })

    test('is 0.1414 by every plan, alone and among the rows of a month', async () => {
      expect(await wrong(spread, facts)).toEqual([])
      expect(await wrong(spread, facts, { from: JAN_6, to: at('02-07') })).toEqual([])
    })
  })

  test.each([1e9, 1e17])('the sum of 0.4, 0.6 and 0.7 after %d is 1.7', async (sentinel) => {
    const total = featureView('total', { ...view, features: (f) => ({ x: f.sum('x').over('1d') }) })
    const facts = events([
      ['01-01', sentinel],
      ['01-05T10:00', 0.4],
      ['01-05T11:00', 0.6],
      ['01-05T12:00', 0.7],
    ])
    const [sum = null] = await trained(total, facts, [JAN_6])
    agree(sum, 1.7, 'in a training set')
    expect(await wrong(total, facts)).toEqual([])
  })

  test('the slope of noise on 1e9 is the same for training and serving, and right', async () => {
    const trend = featureView('trend', { ...view, features: (f) => ({ x: f.slope('x').over('5d') }) })
    const noise = [3, -1, 4, 1, -5, 9, 2, -6, 5, 3, -5, 8]
    const facts = events(noise.map((x, i) => [`01-0${1 + Math.floor(i / 3)}T0${(i % 3) * 3}:00`, 1e9 + x / 1e4]))
    expect(await wrong(trend, facts)).toEqual([])
  })

  test('1.5e308 twice in the past is not for ever', async () => {
    const all = featureView('all', {
      ...view,
      features: (f) => ({
        sum: f.sum('x').over('1d'),
        mean: f.mean('x').over('1d'),
        variance: f.variance('x').over('1d'),
        stddev: f.stddev('x').over('1d'),
        slope: f.slope('x').over('1d'),
        correlation: f.correlation('x', 'y').over('1d'),
        ratio: f.ratio(f.sum('x'), f.count()).over('1d'),
        newest: f.mean('x').overLast(3),
      }),
    })
    const facts = events([
      ['01-01', 1.5e308],
      ['01-02', 1.5e308],
      ['01-05T10:00', 0.4],
      ['01-05T11:00', 0.6],
      ['01-05T12:00', 0.7],
    ])
    expect(await wrong(all, facts)).toEqual([])
  })
})

describe('one value does not stop everybody', () => {
  test.each([
    ['from facts', readings],
    ['with arrival times', lateReadings],
  ])('1e200 in one meter, %s', async (_, from) => {
    const view = featureView('spreads', {
      of: meter,
      from,
      every: '1d',
      features: (f) => ({
        variance: f.variance('x').over('1d', '7d'),
        stddev: f.stddev('x').over('1d', '7d'),
        ever: f.stddev('x').lifetime(),
        sum: f.sum('x').over('1d'),
      }),
    })
    const usual = [
      ['01-02', 0.1],
      ['01-05T10:00', 0.4],
      ['01-05T11:00', 0.6],
    ] as const
    const facts = [...events([['01-03', 1e200], ...usual], 'broken'), ...events(usual, 'm')]
    expect(await wrong(view, facts, { from: JAN_6, to: at('01-09') })).toEqual([])
  })

  test.each([
    ['an integer of 32 bits', z.int32(), 2_147_483_647n, 4_294_967_294],
    ['an integer of 64 bits', z.int(), 9_223_372_036_854_775_807n, null],
  ])('the greatest value of %s, added to itself', async (_, type, greatest, twice) => {
    const counters = fact('mart.exact_counters', {
      columns: { meter: z.string(), ts: z.date(), k: type },
      entities: [meter],
      eventTime: 'ts',
    })
    const view = featureView('counters', {
      of: meter,
      from: counters,
      every: '1d',
      features: (f) => ({ k: f.last('k').lifetime() }),
      derive: (v) => ({ twice: v.k.add(v.k) }),
    })
    const table = 'mart.exact_counters'
    await dropTable(warehouse, table)
    await ensureTable(warehouse, {
      table,
      columns: [
        { name: 'meter', type: 'text' },
        { name: 'ts', type: 'timestamp' },
        { name: 'k', type: 'bigint' },
      ],
    })
    const time = BigInt(at('01-05'))
    await warehouse.append(
      table,
      columnBatch({
        meter: { type: 'text', values: ['m', 'great'] },
        ts: { type: 'timestamp', values: [time, time] },
        k: { type: 'bigint', values: [4n, greatest] },
      }),
    )
    const service = featureService('s', [view])
    const meters = ['m', 'great']
    await using catalog = await openCatalog({ path: ':memory:' })
    await using online = openMemoryStore()
    const now = BigInt(JAN_6)
    await materialize({ warehouse, catalog, online, views: [view], now, quality: false })
    const rows = tableBatch(
      meters.map((name) => ({ meter: name, at: JAN_6 })),
      { meter: 'text', at: 'timestamp' },
    )
    for (const source of ['facts', 'materialized'] as const) {
      const set = await buildTrainingSet({ warehouse, catalog, service, spine: { rows }, time: 'at', from: source })
      expect(rowsOf(await set.read()).map((row) => row['counters__twice'])).toEqual([8, twice])
    }
    const vectors = await openOnlineReader({ service: service.plan, store: online }).read(
      meters.map((name) => ({ meter: name })),
      { now },
    )
    expect([0, 1].map((row) => vectors.value(row, 1))).toEqual([8n, twice === null ? null : BigInt(twice)])
  })
})

test('two magnitudes far beyond the others leave the sum of the others when they cancel', async () => {
  const total = featureView('total', {
    of: meter,
    from: readings,
    every: '1d',
    features: (f) => ({ x: f.sum('x').lifetime() }),
  })
  const facts = events([
    ['01-01', 1.75],
    ['01-02', 1e200],
    ['01-03', -1e200],
    ['01-04', 1.5e308],
    ['01-05', -1.5e308],
  ])
  expect(await wrong(total, facts)).toEqual([])
  expect(await trained(total, facts, [JAN_6])).toEqual([1.75])
})
