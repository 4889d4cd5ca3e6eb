import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import {
  bands,
  decimal,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  onDemand,
  precomputed,
  renamedFrom,
  request,
  vectorFields,
} from '@martlet/feature-store'
import { refusal, untyped } from './invalid.ts'
import { customer, profiles, usage } from './marts.ts'

const day = 86_400_000_000n
const base = { of: customer, from: usage, every: '1d' } as const
const plain = featureView('usage', {
  ...base,
  features: (f) => ({ kwh: f.mean('kwh').over('7d'), tariff: f.last('tariff'), silent: f.age() }),
  derive: (v) => ({ twice: v.kwh_7d.mul(2), tier: bands(v.kwh_7d, { low: 0, high: 9 }) }),
  among: (v, everybody) => ({ position: everybody.rank(v.kwh_7d) }),
})
const filled = featureView('usage', {
  ...base,
  features: (f) => ({
    kwh: f.mean('kwh').over('7d').default(0.5),
    tariff: f.last('tariff').default('off'),
    silent: f.age().default(365),
  }),
  derive: (v) => ({
    twice: v.kwh_7d.mul(2).default(1),
    tier: bands(v.kwh_7d, { low: 0, high: 9 }).default('low'),
  }),
  among: (v, everybody) => ({ position: everybody.rank(v.kwh_7d).default(999) }),
})

describe('defaults of features', () => {
  test('change nothing of the view: neither plan nor hash', () => {
    expect(filled.plan).toEqual(plain.plan)
    expect(filled.plan.hash).toBe(plain.plan.hash)
  })

  test('stand in the service that serves them, and in its hash', () => {
    const defaults = { kwh_7d: 0.5, tariff: 'off', silent: 365, twice: 1, tier: 'low', position: '999' }
    expect(filled.defaults).toEqual(defaults)
    const service = featureService('s', [filled])
    expect(service.plan.views).toEqual([{ view: plain.plan, features: plain.picked, defaults }])
    expect(service.plan.hash).not.toBe(featureService('s', [plain]).plan.hash)
    expect(vectorFields(service.plan).map(({ nullable, default: given }) => [nullable, given])).toEqual(
      Object.values(defaults).map((given) => [false, given]),
    )
  })

  test('are those of the features that are picked, and a view is given others', () => {
    const picked = filled.pick('tier', 'kwh_7d').default({ kwh_7d: 7 })
    expect(picked.defaults).toEqual({ tier: 'low', kwh_7d: 7 })
    expect(filled.defaults['kwh_7d']).toBe(0.5)
    expect(plain.pick('tariff').default({ tariff: 'peak' }).pick('tariff').defaults).toEqual({ tariff: 'peak' })
    const hashes = [0, 1].map((kwh_7d) => featureService('s', [plain.default({ kwh_7d })]).plan.hash)
    expect(new Set(hashes).size).toBe(2)
  })

  test('reach every column of their key', () => {
    const wide = featureView('wide', {
      ...base,
      features: (f) => ({
        kwh: f.sum('kwh').over('1d', '7d').default(1),
        series: f.max('kwh').over('1d').shift('1d').series(2).default(2),
        days: f.max('kwh').overDays(1, 7).default(3),
        by: f.min('kwh').by('tariff').over('1d').default(4),
        rows: f.min('kwh').overLast(3).default(5),
        ever: f.distinct('tariff').lifetime().default(6),
        mostly: f.decayed('kwh', { halfLife: '7d' }).default(7),
      }),
    })
    expect(wide.defaults).toEqual({
      kwh_1d: 1,
      kwh_7d: 1,
      series_1d_1: 2,
      series_1d_2: 2,
      days_1day: 3,
      days_7days: 3,
      by_peak_1d: 4,
      by_off_1d: 4,
      rows_last3: 5,
      ever: '6',
      mostly: 7,
    })
  })

  test('go with a former name, whichever is said first', () => {
    const view = featureView('renamed', {
      ...base,
      features: (f) => ({
        a: renamedFrom('x', f.sum('kwh').over('1d').default(1)),
        b: renamedFrom('y', f.sum('kwh').over('7d')).default(2),
      }),
      derive: (v) => ({ c: renamedFrom('z', v.a_1d.add(1)).default(3), d: renamedFrom('w', v.a_1d.add(2).default(4)) }),
    })
    expect(view.defaults).toEqual({ a_1d: 1, b_7d: 2, c: 3, d: 4 })
    expect(view.plan.features.map((feature) => feature.renamedFrom)).toEqual(['x_1d', 'y_7d', 'z', 'w'])
  })

  test('are kept by their type: whole numbers, decimals and times as digits', () => {
    const thing = entity('thing', { id: z.int() })
    const rows = precomputed('mart.rows', {
      columns: {
        id: z.int(),
        at: z.date(),
        small: z.int32().nullable(),
        whole: z.int(),
        price: decimal(9, 2),
        due: z.iso.date(),
        seen: z.date().nullable(),
        open: z.boolean(),
        size: z.enum(['s', 'm']),
      },
      entity: thing,
      time: 'at',
    })
    const view = featureView('rows', {
      of: thing,
      from: rows,
      every: '1d',
      features: (f) => ({
        small: f.column('small').default(-(2 ** 31)),
        whole: f.column('whole').default(2 ** 53 - 1),
        price: f.column('price').default(12.5),
        due: f.column('due').default('1970-01-03'),
        seen: f.column('seen').default(new Date('1970-01-02T00:00:00.001Z')),
        open: f.column('open').default(false),
        size: f.column('size').default('m'),
      }),
    })
    expect(view.defaults).toEqual({
      small: String(-(2 ** 31)),
      whole: String(2 ** 53 - 1),
      price: '1250',
      due: String(2n * day),
      seen: String(day + 1000n),
      open: false,
      size: 'm',
    })
  })
})

describe('on-demand features', () => {
  const ride = request({ km: z.number() })
  const read = (of: typeof plain | typeof filled) =>
    onDemand('fare', { of: [of.pick('kwh_7d')], request: ride, derive: (v) => ({ x: v.usage__kwh_7d.mul(2) }) })

  test('read the default that their own view has, never null', () => {
    const fare = onDemand('fare', {
      of: [filled.pick('kwh_7d')],
      request: ride,
      derive: (v, r) => ({ x: v.usage__kwh_7d.mul(r.km) }),
    })
    expect(fare.plan.inputs).toMatchObject([{ name: 'usage__kwh_7d', default: 0.5 }])
    expect(fare.plan.features).toMatchObject([{ name: 'x', nullable: false }])
  })

  test('read the default that the service gives, and are pinned with it', () => {
    const fare = read(plain)
    const [without, zero, one] = [
      featureService('s', [plain.pick('kwh_7d'), fare]),
      featureService('s', [plain.pick('kwh_7d').default({ kwh_7d: 0 }), fare]),
      featureService('s', [plain.pick('kwh_7d').default({ kwh_7d: 1 }), fare]),
    ].map(({ plan }) => plan.onDemand?.[0]?.plan)
    expect(without).toEqual(fare.plan)
    expect(zero?.inputs).toMatchObject([{ default: 0 }])
    expect(new Set([without?.hash, zero?.hash, one?.hash]).size).toBe(3)
  })

  test('do not read another default than the service has', () => {
    const fare = read(filled)
    expect(refusal(() => featureService('s', [plain.default({ kwh_7d: 0 }), fare]))).toBe(
      "service 's', on-demand feature 'fare': it reads usage__kwh_7d with the default 0.5, and the service has it with 0; use one",
    )
  })
})

describe('refused is', () => {
  const with_ = (value: unknown) => () =>
    featureView('usage', { ...base, features: (f) => ({ kwh: f.sum('kwh').over('7d').default(untyped(value)) }) })
  const number = (shown: string) =>
    `view 'usage', feature 'kwh_7d': its default must be a finite number, and ${shown} is not`
  test.each([
    ['a text for a number', with_('0'), number("'0'")],
    ['NaN', with_(Number.NaN), number('NaN')],
    ['infinity', with_(-Infinity), number('-Infinity')],
    ['null', with_(null), "view 'usage', feature 'kwh_7d': a default stands for null, so it is not null itself"],
    [
      'a fraction for a count',
      () => featureView('usage', { ...base, features: (f) => ({ n: f.count().over('7d').default(0.5) }) }),
      "view 'usage', feature 'n_7d': its default must be a whole number (beyond 2^53 as a bigint), and 0.5 is not",
    ],
    [
      'a whole number beyond its range',
      () => plain.default({ position: 2 ** 53 }),
      "view 'usage', feature 'position': its default must be a whole number (beyond 2^53 as a bigint), and 9007199254740992 is not",
    ],
    [
      'no member of an enum',
      () => plain.default({ tariff: untyped('night') }),
      "view 'usage', feature 'tariff': its default 'night' is not one of its values, which are peak, off",
    ],
    [
      'no band',
      () => plain.default({ tier: untyped('medium') }),
      "view 'usage', feature 'tier': its default 'medium' is not one of its values, which are high, low",
    ],
    [
      'no member of the enum of a dimension',
      () =>
        featureView('profile', {
          of: customer,
          from: profiles,
          every: '1d',
          features: (f) => ({ tariff: f.attribute('tariff').default(untyped('peak')) }),
        }),
      "view 'profile', feature 'tariff': its default 'peak' is not one of its values, which are flat, night",
    ],
    [
      'a date that there is not',
      () => featureView('usage', { ...base, features: (f) => ({ due: f.last('due').default('2026-02-30') }) }),
      "view 'usage', feature 'due': its default must be a date like '2026-01-31', and '2026-02-30' is not",
    ],
    [
      'a decimal of more digits',
      () => featureView('usage', { ...base, features: (f) => ({ cost: f.max('cost').over('1d').default(1.005) }) }),
      "view 'usage', feature 'cost_1d': its default must be a decimal of 12 digits, 2 of them after the point, and 1.005 is not",
    ],
    [
      'a feature that there is not',
      () => plain.pick('kwh_7d').default(untyped({ tariff: 'off' })),
      "view 'usage', feature 'tariff': there is no such feature to give a default to; there are kwh_7d",
    ],
    [
      'nothing',
      () => plain.default(untyped({})),
      "view 'usage': default() takes values by the names of features, like { kwh_7d: 0 }",
    ],
    [
      'a default inside an expression',
      () =>
        featureView('usage', {
          ...base,
          features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
          derive: (v) => ({ x: v.kwh_7d.mul(untyped(v.kwh_7d.add(1).default(0))) }),
        }),
      "view 'usage': its derive is wrong: [object Object] cannot stand in an expression; use a text, " +
        'a finite number, a boolean, a Date or a column (isNull() asks for null)',
    ],
  ])('%s', (_, define, says) => {
    expect(refusal(define)).toBe(says)
  })

  test('a name that leaves no room for the column that says what was missing', () => {
    const view = featureView('v'.repeat(120), {
      ...base,
      features: (f) => ({ [`x${'y'.repeat(130)}`]: f.age().default(0) }),
    })
    expect(refusal(() => featureService('s', [view]))).toContain('would have 262 characters')
  })
})

const wide = dimension('mart.dim', { columns: { customer_id: z.string(), level: z.int() }, entity: customer })
const events = fact('mart.events', {
  columns: { customer_id: z.string(), at: z.date(), x: z.number() },
  entities: [customer],
  eventTime: 'at',
})

test('a default is also one of an attribute that a view of a fact reads', () => {
  const view = featureView('levels', {
    of: customer,
    from: events,
    every: '1d',
    features: (f) => ({ level: f.attribute(wide, 'level', { withoutHistory: 'allow' }).default(-1) }),
  })
  expect(view.defaults).toEqual({ level: '-1' })
})
