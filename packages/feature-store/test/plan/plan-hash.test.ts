import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  decimal,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  labelHash,
  type Duration,
} from '@martlet/feature-store'
import { canonicalJson } from '../../src/plan/canonical-json.ts'

const customer = entity('customer', { customer_id: z.string() })
const site = entity('site', { site_id: z.int() })
const columns = {
  customer_id: z.string(),
  ts: z.date(),
  arrived: z.date(),
  kwh: z.number(),
  tariff: z.enum(['peak', 'off']),
}
const reversed = {
  tariff: columns.tariff,
  kwh: columns.kwh,
  arrived: columns.arrived,
  ts: columns.ts,
  customer_id: columns.customer_id,
}
const usage = fact('mart.usage', { columns, entities: [customer], eventTime: 'ts' })
const dimensionColumns = { customer_id: z.string(), tariff: z.string(), since: z.date() }
const profiles = dimension('mart.dim', { columns: dimensionColumns, entity: customer, validFrom: 'since' })

const standard = {
  name: 'v',
  from: usage,
  every: '1d' as Duration,
  delay: '6h' as Duration,
  ttl: '9d' as Duration,
  repair: '0h' as Duration,
  zone: 'UTC',
  about: {},
  population: profiles,
  window: '1d' as Duration,
  shift: '1d' as Duration,
  rows: 5,
  tariff: 'peak' as 'peak' | 'off',
  dimension: profiles,
  factor: 2,
}

function hash(
  changes: Partial<typeof standard> & { about?: { description?: string; owner?: string; tags?: string[] } },
): string {
  const s = { ...standard, ...changes }
  return featureView(s.name, {
    of: customer,
    from: s.from,
    every: s.every,
    delay: s.delay,
    ttl: s.ttl,
    repair: s.repair,
    zone: s.zone,
    population: s.population,
    ...s.about,
    features: (f) => ({
      kwh: f
        .sum('kwh')
        .where((r) => r.tariff.eq(s.tariff))
        .over(s.window),
      before: f.sum('kwh').over('1d').shift(s.shift),
      recent: f.mean('kwh').overLast(s.rows),
      idle: f.age(),
      tariff: f.attribute(s.dimension, 'tariff'),
    }),
    derive: (v) => ({ more: v.idle.mul(s.factor) }),
  }).plan.hash
}

const original = hash({})

describe('the hash of a view', () => {
  test('is a sha256', () => expect(original).toMatch(/^[0-9a-f]{64}$/))

  const kept: [string, Parameters<typeof hash>[0]][] = [
    ['the description', { about: { description: 'new words', owner: 'me', tags: ['a'] } }],
    ['repair', { repair: '3d' }],
    ['another spelling of a duration', { delay: '360m' }],
    [
      'a column that no feature reads',
      {
        from: fact('mart.usage', { columns: { ...columns, extra: z.string() }, entities: [customer], eventTime: 'ts' }),
      },
    ],
    [
      'a check on a column',
      {
        from: fact('mart.usage', {
          columns: { ...columns, kwh: z.number().nonnegative() },
          entities: [customer],
          eventTime: 'ts',
        }),
      },
    ],
    [
      'another entity of the fact',
      {
        from: fact('mart.usage', {
          columns: { ...columns, site_id: z.int() },
          entities: [site, customer],
          eventTime: 'ts',
        }) as typeof usage,
      },
    ],
    [
      'the order of columns',
      { from: fact('mart.usage', { columns: reversed, entities: [customer], eventTime: 'ts' }) },
    ],
  ]
  test.each(kept)('stays with %s', (_, changes) => expect(hash(changes)).toBe(original))

  const changed: [string, Parameters<typeof hash>[0]][] = [
    ['the name', { name: 'w' }],
    ['the table', { from: fact('mart.other', { columns, entities: [customer], eventTime: 'ts' }) }],
    ['the event time', { from: fact('mart.usage', { columns, entities: [customer], eventTime: 'arrived' }) }],
    [
      'the arrival time',
      { from: fact('mart.usage', { columns, entities: [customer], eventTime: 'ts', knownAt: 'arrived' }) },
    ],
    ['the sequence', { from: fact('mart.usage', { columns, entities: [customer], eventTime: 'ts', sequence: 'kwh' }) }],
    [
      'the zone of the fact',
      { from: fact('mart.usage', { columns, entities: [customer], eventTime: 'ts', zone: 'Europe/Zurich' }) },
    ],
    [
      'the type of a column that is read',
      {
        from: fact('mart.usage', {
          columns: { ...columns, kwh: decimal(9, 2) },
          entities: [customer],
          eventTime: 'ts',
        }),
      },
    ],
    ['every', { every: '2d' }],
    ['delay', { delay: '7h' }],
    ['ttl', { ttl: '8d' }],
    ['the zone of the grid', { zone: 'Europe/Zurich' }],
    [
      'the population',
      { population: dimension('mart.other', { columns: dimensionColumns, entity: customer, validFrom: 'since' }) },
    ],
    ['a window', { window: '2d' }],
    ['a shift', { shift: '2d' }],
    ['a number of rows', { rows: 6 }],
    ['a where', { tariff: 'off' }],
    [
      'a dimension',
      { dimension: dimension('mart.other', { columns: dimensionColumns, entity: customer, validFrom: 'since' }) },
    ],
    ['an expression', { factor: 3 }],
  ]
  test.each(changed)('changes with %s', (_, changes) => expect(hash(changes)).not.toBe(original))

  test('does not depend on the order of features', () => {
    const windows = ['1d', '2d', '3d', '5d', '7d'] as const
    const make = (order: readonly Duration[]) => {
      const keys = order.map((window) => [`sum_${window}`, window] as const)
      return featureView('v', {
        of: customer,
        from: usage,
        every: '1d',
        features: (f) => Object.fromEntries(keys.map(([key, window]) => [key, f.sum('kwh').over(window)])),
      })
    }
    fc.assert(
      fc.property(fc.shuffledSubarray([...windows], { minLength: windows.length }), (order) => {
        expect(make(order).plan.hash).toBe(make(windows).plan.hash)
      }),
    )
  })
})

describe('the hash of a service', () => {
  const usageView = featureView('usage', {
    of: customer,
    from: usage,
    every: '1d',
    features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d') }),
  })
  const calendar = featureView('calendar', { every: '1d', features: (f) => ({ dow: f.calendar('dayOfWeek') }) })
  const same = featureService('s', [usageView, calendar]).plan.hash

  test('stays with words, changes with order, picks and views', () => {
    expect(featureService('s', [usageView, calendar], { description: 'words' }).plan.hash).toBe(same)
    expect(featureService('s', [usageView.pick('kwh_1d', 'kwh_7d'), calendar]).plan.hash).toBe(same)
    const others = [
      featureService('s', [calendar, usageView]),
      featureService('s', [usageView.pick('kwh_7d', 'kwh_1d'), calendar]),
      featureService('s', [usageView.pick('kwh_1d'), calendar]),
      featureService('other', [usageView, calendar]),
    ].map(({ plan }) => plan.hash)
    expect(new Set([same, ...others]).size).toBe(5)
  })
})

describe('the hash of a label', () => {
  const soon = happens(usage)
  const make = (...within: Parameters<typeof soon.within>) =>
    labelHash(label('l', { of: customer, value: soon.within(...within) }).plan)
  test('changes with window, gap, maturity and where', () => {
    const hashes = [
      make('1d'),
      make('2d'),
      make('1d', { gap: '1h' }),
      make('1d', { maturity: '1h' }),
      make('1d', { where: (r) => r.kwh.gt(1) }),
    ]
    expect(new Set(hashes).size).toBe(hashes.length)
    expect(make('24h')).toBe(make('1d'))
    const days = (steps: number) =>
      labelHash(
        label('l', { of: customer, from: usage, value: (f) => f.count().ahead('1d').steps<number>(steps) }).plan,
      )
    expect(days(2)).not.toBe(days(3))
  })
})

test('canonical JSON is the same for objects whose keys come in another order', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).toReversed())
      expect(canonicalJson(reversed)).toBe(canonicalJson(object))
      expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)))
    }),
  )
})
