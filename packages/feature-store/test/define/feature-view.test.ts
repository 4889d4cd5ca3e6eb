import { describe, expect, test } from 'vitest'
import { caseWhen, featureView } from '@martlet/feature-store'
import { currentProfiles, customer, profiles, scores, usage } from './marts.ts'

const hour = 3_600_000_000
const day = 24 * hour
const base = { of: customer, from: usage, every: '1d' } as const

describe('a view over a fact', () => {
  const view = featureView('customer_usage', {
    ...base,
    delay: '6h',
    ttl: '3d',
    repair: '2d',
    zone: 'Europe/Zurich',
    population: profiles,
    description: 'what customers use',
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '90m', '2w'),
      week_ago: f.sum('kwh').over('1d').shift('7d'),
      cost: f.sum('cost').over('1d'),
      reads: f.sum('reads').overLast(10, 50),
      dear: f
        .mean('cost')
        .where((r) => r.tariff.eq('peak'))
        .over('7d'),
      unit_cost: f
        .ratio(
          f.sum('cost'),
          f.sum('kwh').where((r) => r.paid),
        )
        .where((r) => r.tariff.eq('off'))
        .over('1d'),
      tariff: f.last('tariff'),
      tariffs: f.last('tariff').over('7d'),
      newest: f.max('ts').lifetime(),
      different: f.distinct('note').lifetime(),
      idle: f.age().where((r) => r.kwh.gt(0)),
      dow: f.calendar('dayOfWeek'),
      plan: f.attribute(profiles, 'tariff'),
      now: f.attribute(currentProfiles, 'tariff', { withoutHistory: 'allow' }),
    }),
    derive: (v) => ({ share: v.kwh_1d.div(v.kwh_2w), size: caseWhen(v.kwh_2w.gt(100), 'large').otherwise('small') }),
  })
  const feature = (name: string) => view.plan.features.find((candidate) => candidate.name === name)
  const sum = { function: 'sum', column: 'kwh', where: null }

  test('has its columns in declared order, derived ones last', () => {
    expect(view.plan.features.map(({ name }) => name)).toEqual([
      'kwh_1d',
      'kwh_90m',
      'kwh_2w',
      'week_ago_1d',
      'cost_1d',
      'reads_last10',
      'reads_last50',
      'dear_7d',
      'unit_cost_1d',
      'tariff',
      'tariffs_7d',
      'newest',
      'different',
      'idle',
      'dow',
      'plan',
      'now',
      'share',
      'size',
    ])
    expect(view.picked).toEqual(view.plan.features.map(({ name }) => name))
  })

  test('has its timing in microseconds', () => {
    expect(view.plan).toMatchObject({
      grid: { every: day, zone: 'Europe/Zurich' },
      delay: 6 * hour,
      ttl: 3 * day,
      repair: 2 * day,
    })
    const plain = featureView('v', { ...base, features: (f) => ({ n: f.count().lifetime() }) }).plan
    expect(plain).toMatchObject({ grid: { every: day, zone: 'UTC' }, delay: 0, ttl: null, repair: 0, population: null })
  })

  test('names entity, source and population', () => {
    expect(view.plan).toMatchObject({ entity: customer.plan, source: usage.plan, population: profiles.plan })
    expect(view.about).toEqual({ description: 'what customers use' })
  })

  test('plans time windows, shifts, rows and lifetimes', () => {
    const aggregate = { kind: 'aggregate', aggregate: sum, type: 'double', nullable: false }
    expect(feature('kwh_90m')).toEqual({
      ...aggregate,
      name: 'kwh_90m',
      window: { kind: 'time', length: 1.5 * hour, shift: 0 },
    })
    expect(feature('week_ago_1d')).toEqual({
      ...aggregate,
      name: 'week_ago_1d',
      window: { kind: 'time', length: day, shift: 7 * day },
    })
    expect(feature('reads_last50')).toMatchObject({ window: { kind: 'rows', rows: 50 }, type: 'bigint' })
    expect(feature('newest')).toMatchObject({ window: { kind: 'lifetime' }, type: 'timestamp', nullable: true })
  })

  test('gives each aggregate its type', () => {
    expect(feature('cost_1d')).toMatchObject({ type: { decimal: [38, 2] }, nullable: false })
    expect(feature('dear_7d')).toMatchObject({ type: 'double', nullable: true })
    expect(feature('different')).toMatchObject({ type: 'bigint', nullable: false })
    expect(feature('tariff')).toMatchObject({ type: 'text', nullable: true, window: { kind: 'lifetime' } })
  })

  test('gives both sides of a ratio its where', () => {
    const off = {
      kind: 'binary',
      operator: 'equal',
      left: { kind: 'column', name: 'tariff' },
      right: { kind: 'literal', value: 'off' },
    }
    expect(feature('unit_cost_1d')).toMatchObject({
      type: 'double',
      nullable: true,
      aggregate: {
        function: 'ratio',
        numerator: { function: 'sum', column: 'cost', where: off },
        denominator: {
          function: 'sum',
          column: 'kwh',
          where: { kind: 'binary', operator: 'and', left: { kind: 'column', name: 'paid' }, right: off },
        },
      },
    })
  })

  test('plans age, calendar, attributes and derived features', () => {
    expect(feature('idle')).toMatchObject({
      kind: 'age',
      type: 'double',
      nullable: true,
      where: { operator: 'greater' },
    })
    expect(feature('dow')).toEqual({
      kind: 'calendar',
      name: 'dow',
      part: 'dayOfWeek',
      type: 'integer',
      nullable: false,
    })
    expect(feature('plan')).toEqual({
      kind: 'attribute',
      name: 'plan',
      dimension: profiles.plan,
      column: 'tariff',
      type: 'text',
      nullable: true,
    })
    expect(feature('share')).toMatchObject({
      kind: 'derived',
      type: 'double',
      nullable: true,
      expression: { operator: 'divide' },
    })
    expect(feature('size')).toMatchObject({ kind: 'derived', type: 'text', nullable: false })
  })

  test('is frozen all the way down', () => {
    expect(Object.isFrozen(view)).toBe(true)
    expect(Object.isFrozen(view.plan.features[0])).toBe(true)
    expect(Reflect.set(view.plan.grid, 'every', 1)).toBe(false)
  })

  test('is picked in the order asked for, and the plan stays whole', () => {
    const picked = view.pick('tariff', 'kwh_1d')
    expect(picked.picked).toEqual(['tariff', 'kwh_1d'])
    expect(picked.plan).toBe(view.plan)
    expect(picked.pick('kwh_1d').picked).toEqual(['kwh_1d'])
  })
})

describe('other sources', () => {
  test('a dimension gives attributes', () => {
    const view = featureView('profile', {
      of: customer,
      from: profiles,
      every: '1d',
      features: (f) => ({ tariff: f.attribute('tariff'), month: f.calendar('month') }),
    })
    expect(view.plan.source).toBe(profiles.plan)
    expect(view.plan.features[0]).toMatchObject({ kind: 'attribute', dimension: profiles.plan, column: 'tariff' })
  })

  test('a precomputed table gives columns', () => {
    const view = featureView('scores', {
      of: customer,
      from: scores,
      every: '1d',
      features: (f) => ({ score: f.column('score'), segment: f.column('segment') }),
    })
    expect(view.plan.features).toEqual([
      { kind: 'column', name: 'score', column: 'score', type: 'double', nullable: false },
      { kind: 'column', name: 'segment', column: 'segment', type: 'text', nullable: true },
    ])
  })

  test('a calendar has no source and no keys', () => {
    const view = featureView('calendar', {
      every: '1h',
      zone: 'Europe/Zurich',
      features: (f) => ({ weekend: f.calendar('isWeekend') }),
    })
    expect(view.plan).toMatchObject({ source: null, entity: { name: 'everyone', keys: [] } })
    expect(view.plan.features[0]).toMatchObject({ type: 'boolean', nullable: false })
  })
})
