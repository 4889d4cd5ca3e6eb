import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  continuousLayout,
  days,
  dimension,
  entity,
  event,
  fact,
  featureView,
  intervals,
  lookupTable,
  T,
  type Fact,
  type FactBuilder,
} from '../../src/index.ts'
import { viewHash } from '../../src/vocabulary/plan-hash.ts'
import { viewPlan } from '../../src/vocabulary/plan-schema.ts'
import { member, refusal, untyped } from './invalid.ts'
import { customer, profiles, scores, usage } from './marts.ts'

type Builder = typeof usage extends Fact<infer R, infer E> ? FactBuilder<R, E> : never
const base = { of: customer, from: usage, every: 'continuous' } as const
const MINUTE = 60_000_000
const account = entity('account', { account_id: z.int() })
const columns = {
  account_id: z.int(),
  customer_id: z.string(),
  at: z.date(),
  arrived: z.date(),
  amount: z.number(),
  fee: z.int().nullable(),
  channel: z.enum(['web', 'pos']),
}
const payments = fact('mart.payments', { columns, entities: [account, customer], eventTime: 'at', knownAt: 'arrived' })

describe('what a continuous view refuses, naming view and feature', () => {
  const feature = (features: (f: Builder) => Record<string, unknown>) => () =>
    featureView('v', { ...base, features: untyped(features) })
  const spec = (more: object) => () =>
    featureView(untyped('v'), untyped({ ...base, ...more, features: (f: Builder) => ({ n: f.count().over('5m') }) }))
  const outages = event(
    'outage',
    fact('mart.outages', {
      columns: { customer_id: z.string(), at: z.date() },
      entities: [customer],
      eventTime: 'at',
    }),
  )
  const holidays = lookupTable('mart.holidays', {
    columns: { day: z.iso.date(), name: z.string() },
    day: 'day',
    knownAhead: true,
  })
  const sessions = intervals('mart.sessions', {
    columns: { customer_id: z.string(), from: z.date(), to: z.date().nullable() },
    entities: [customer],
    start: 'from',
    end: 'to',
  })
  const owners = dimension('mart.owners', {
    columns: { account_id: z.int(), customer_id: z.string(), tier: z.string(), since: z.date() },
    entity: account,
    validFrom: 'since',
  })
  const enriched = fact('mart.payments', {
    columns: { account_id: z.int(), at: z.date(), amount: z.number() },
    entities: [account],
    eventTime: 'at',
  }).with(owners, { on: { account_id: 'account_id' }, columns: ['tier'] })
  const sumOver = (word: string, ...given: readonly unknown[]) =>
    feature((f) => ({ x: (member(f.sum('kwh'), word) as (...all: readonly unknown[]) => unknown)(...given) }))
  const grid = 'put this feature into a view with a grid'
  const cases: readonly (readonly [string, () => unknown, string])[] = [
    [
      'a delay',
      spec({ delay: '5m' }),
      "view 'v': a row of a continuous view is of the instant that is asked for: it has no delay",
    ],
    [
      'a ttl',
      spec({ ttl: '1d' }),
      "view 'v': a row of a continuous view is of the instant that is asked for, so it is never too old",
    ],
    ['repair', spec({ repair: '1d' }), "view 'v': a continuous view counts a late fact from when it arrives"],
    [
      'a zone',
      spec({ zone: 'Europe/Zurich' }),
      "view 'v': windows of a continuous view have fixed lengths: it has no zone",
    ],
    ['a population', spec({ population: profiles }), "view 'v': whoever has a fact before t is in a continuous view"],
    ['ranks', spec({ among: () => ({}) }), "view 'v': rows of a continuous view are of different instants"],
    [
      'an unknown clock',
      spec({ clock: 'sun' }),
      "view 'v': there is no clock \"sun\"; windows close by 'wall' or by the 'newest event'",
    ],
    [
      'the clock of a view with a grid',
      () =>
        featureView(untyped('v'), {
          ...base,
          every: untyped('1d'),
          clock: untyped('wall'),
          features: (f) => ({ n: f.count().over('5m') }),
        }),
      "view 'v': only a continuous view has a clock that closes its windows; write every: 'continuous', or drop clock",
    ],
    [
      'a dimension',
      () =>
        featureView(untyped('v'), { of: customer, from: profiles, every: 'continuous', features: untyped(() => ({})) }),
      "view 'v': it is continuous, so it is of a fact, whose events come at any time, and not of dimension 'mart.dim_customer'",
    ],
    [
      'precomputed rows',
      () =>
        featureView(untyped('v'), { of: customer, from: scores, every: 'continuous', features: untyped(() => ({})) }),
      "and not of precomputed 'mart.scores'",
    ],
    [
      'a calendar',
      () => featureView(untyped('v'), { every: 'continuous', features: untyped(() => ({})) }),
      'whose events come at any time, and not of the calendar',
    ],
    [
      'other views',
      () => {
        const daily = featureView('daily', {
          of: customer,
          from: usage,
          every: '1d',
          features: (f) => ({ n: f.count().over('1d') }),
        })
        return featureView(untyped('v'), {
          of: customer,
          from: daily,
          every: 'continuous',
          features: untyped(() => ({})),
        })
      },
      "view 'v': it is continuous, so it is of a fact and not of other views; read their fact itself",
    ],
    [
      'to be read by another view',
      () => {
        const now = featureView('now', { ...base, features: (f) => ({ n: f.count().over('5m') }) })
        return featureView('v', { of: customer, from: now, every: '1d', features: (v) => ({ n: v.n_5m }) })
      },
      "view 'now' is continuous, so it has no rows at the feature times of another view; read its fact instead",
    ],
    [
      'local days',
      sumOver('overDays', 1),
      `view 'v', feature 'x_1day': a continuous view has windows of fixed lengths, such as .over('1h')`,
    ],
    ['the month so far', sumOver('toDate', 'month'), `and .lifetime(), and not over the local month to date; ${grid}`],
    ['the month before', sumOver('previous', 'month'), `and not over the last local month; ${grid}`],
    ['the newest rows', sumOver('overLast', 10), `and not over the last 10 rows; ${grid}`],
    ['a meter', sumOver('along', 'reads', 10), `and not along the last 10 of reads; ${grid}`],
    ['a window since an event', sumOver('since', outages), 'and not since the newest'],
    ['a shift', feature((f) => ({ x: f.sum('kwh').over('1h').shift('1d') })), 'so it has no shift and no series'],
    [
      'a series',
      feature((f) => ({ x: f.sum('kwh').over('1h').series(3) })),
      "feature 'x_1h_2': a window of a continuous view ends",
    ],
    ['half a minute', feature((f) => ({ x: f.sum('kwh').over(untyped('0.5m')) })), 'dot into a name'],
    [
      'an aggregate that needs all events',
      feature((f) => ({ x: f.median('kwh').over('1h') })),
      "view 'v', feature 'x_1h': median needs all events of its window, and a continuous view keeps sums of them; " +
        'it can have count, sum, mean, min, max, stddev, variance, first, last, ratio, any and all; put median into a view with a grid',
    ],
    ['distinct counts', feature((f) => ({ x: f.distinct('tariff').over('1h') })), 'distinct needs all events'],
    [
      'a ratio of distinct counts',
      feature((f) => ({ x: f.ratio(f.distinct('tariff'), f.count()).over('1h') })),
      'distinct needs all events',
    ],
    ['an age', feature((f) => ({ x: f.age() })), 'days since the newest fact does not come from events alone'],
    [
      'an attribute',
      feature((f) => ({ x: f.attribute(profiles, 'tariff') })),
      'mart.dim_customer.tariff does not come from events alone',
    ],
    [
      'a part of T',
      feature((f) => ({ x: f.calendar('hour') })),
      'does not come from events alone, so a continuous view cannot have it',
    ],
    ['a lookup', feature((f) => ({ x: f.lookup(holidays, 'name') })), 'does not come from events alone'],
    [
      'the event before',
      feature((f) => ({ x: f.sum((r) => r.increase('kwh')).over('1h') })),
      "view 'v', feature 'x_1h': it asks for the event before, which may still arrive, so a continuous view cannot have it",
    ],
    [
      'the event before in a condition',
      feature((f) => ({
        x: f
          .count()
          .where((r) => r.previous('kwh').gt(1))
          .over('1h'),
      })),
      'it asks for the event before',
    ],
    [
      'a column of a dimension',
      () =>
        featureView('v', {
          of: account,
          from: enriched,
          every: 'continuous',
          features: (f) => ({
            x: f
              .count()
              .where((r) => r.tier.eq('gold'))
              .over('1h'),
          }),
        }),
      "view 'v', feature 'x_1h': 'tier' comes from a dimension, which is not known when an event comes",
    ],
    [
      'covered time',
      () =>
        featureView('v', {
          of: customer,
          from: sessions,
          every: 'continuous',
          features: (f) => ({ x: f.overlap().over('1h') }),
        }),
      'overlap needs all events of its window',
    ],
  ]
  test.each(cases)('%s', (_, define, says) => expect(refusal(define)).toContain(says))
})

describe('the plan of a continuous view', () => {
  const view = featureView('velocity', {
    of: account,
    from: payments,
    every: 'continuous',
    features: (f) => ({
      n: f.count().over('5m', '1h', '24h', '30d'),
      spent: f.sum('amount').by('channel').over('1h', '90m'),
      mean: f.ratio(f.sum('amount'), f.count()).over('1h').default(0),
      big: f.any((r) => r.amount.gt(100)).over('1h'),
      newest: f.last('at'),
    }),
    derive: (v) => ({ since: days(v.newest, T), burst: v.n_5m.div(v.n_1h) }),
  })

  test('closes by the wall clock unless it says otherwise, and has no delay', () => {
    expect(view.plan).toMatchObject({
      grid: { every: 'continuous', clock: 'wall', zone: 'UTC' },
      delay: 0,
      ttl: null,
      repair: 0,
    })
  })

  test('has windows whose start moves in steps', () => {
    const windows = view.plan.features.slice(0, 4).map((feature) => member(feature, 'window'))
    expect(windows).toEqual([
      { kind: 'stepped', length: 5 * MINUTE, hop: MINUTE / 12 },
      { kind: 'stepped', length: 60 * MINUTE, hop: MINUTE },
      { kind: 'stepped', length: 1440 * MINUTE, hop: 30 * MINUTE },
      { kind: 'stepped', length: 30 * 1440 * MINUTE, hop: 720 * MINUTE },
    ])
  })

  test('is read back from its JSON as it was', () => {
    expect(viewPlan.parse(JSON.parse(JSON.stringify(view.plan)))).toEqual(view.plan)
  })

  test('has another hash with another clock, and another one on a grid', () => {
    const { hash, ...plan } = view.plan
    const by = (grid: typeof plan.grid) => viewHash({ ...plan, grid })
    expect(by(plan.grid)).toBe(hash)
    expect(
      new Set([
        hash,
        by({ every: 'continuous', clock: 'newest event', zone: 'UTC' }),
        by({ every: 60 * MINUTE, zone: 'UTC' }),
      ]).size,
    ).toBe(3)
  })

  test('lays out rings, inputs and accumulators, each once', () => {
    const layout = continuousLayout(view.plan)
    expect(layout.rings).toEqual([
      { hop: MINUTE / 12, longest: 5 * MINUTE },
      { hop: MINUTE, longest: 90 * MINUTE },
      { hop: 30 * MINUTE, longest: 1440 * MINUTE },
      { hop: 720 * MINUTE, longest: 30 * 1440 * MINUTE },
    ])
    expect(layout.aggregates).toEqual([
      { function: 'count', input: 0, type: 'bigint' },
      { function: 'sum', input: 1, type: 'double' },
      { function: 'sum', input: 2, type: 'double' },
      { function: 'sum', input: 3, type: 'double' },
      { function: 'count', input: 4, type: 'bigint' },
      { function: 'last', input: 5, type: 'timestamp' },
    ])
    expect(layout.inputs.map(({ column, where, type }) => [column, where === null, type])).toEqual([
      [null, true, 'integer'],
      ['amount', false, 'double'],
      ['amount', false, 'double'],
      ['amount', true, 'double'],
      [layout.inputs[4]?.computed[0]?.name, true, 'bigint'],
      ['at', true, 'timestamp'],
    ])
    const parts = Object.fromEntries(layout.features.map(({ feature, parts: its }) => [feature.name, its]))
    expect(parts['n_30d']).toEqual([{ aggregate: 0, ring: 3, window: 30 * 1440 * MINUTE }])
    expect(parts['spent_web_90m']).toEqual([{ aggregate: 1, ring: 1, window: 90 * MINUTE }])
    expect(parts['mean_1h']).toEqual([
      { aggregate: 3, ring: 1, window: 60 * MINUTE },
      { aggregate: 0, ring: 1, window: 60 * MINUTE },
    ])
    expect(parts['newest']).toEqual([{ aggregate: 5, ring: null, window: null }])
    expect(layout.derived.map(({ name }) => name)).toEqual(['since', 'burst'])
  })

  test('has no layout on a grid', () => {
    const daily = featureView('daily', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({ n: f.count().over('1d') }),
    })
    expect(() => continuousLayout(daily.plan)).toThrow('view daily is not continuous')
  })
})
