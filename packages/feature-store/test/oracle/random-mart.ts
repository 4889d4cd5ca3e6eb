import fc from 'fast-check'
import { z } from 'zod'
import { dimension, entity, fact, featureView, type Duration } from '../../src/index.ts'
import type { Row } from './row.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR

/** Around the spring change of clocks in Zurich (2024-03-31) so that local days have 23 hours. */
export const START = Date.UTC(2024, 2, 27) * 1000
export const DAYS = 8

export const site = entity('site', { region: z.string(), site_id: z.int() })
const reading = {
  region: z.string(),
  site_id: z.int(),
  ts: z.date(),
  arrived: z.date(),
  seq: z.int(),
  x: z.number().nullable(),
  n: z.int(),
  c: z.enum(['a', 'b', 'c']).nullable(),
}

export const readings = fact('mart.readings', { columns: reading, entities: [site], eventTime: 'ts', sequence: 'seq' })
export const lateReadings = fact('mart.readings', {
  columns: reading,
  entities: [site],
  eventTime: 'ts',
  sequence: 'seq',
  knownAt: 'arrived',
})
export const unorderedReadings = fact('mart.readings', { columns: reading, entities: [site], eventTime: 'ts' })
export const contracts = dimension('mart.contracts', {
  columns: {
    region: z.string(),
    site_id: z.int(),
    tariff: z.string(),
    level: z.number().nullable(),
    valid_from: z.date(),
    valid_to: z.date().nullable(),
  },
  entity: site,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

const pick = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

/** Few distinct times, so that ties and exact window edges are common. */
const time = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: DAYS * 4 }).map((i) => START + i * 6 * HOUR) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: DAYS * 24 }).map((i) => START + i * HOUR) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: DAYS * 86_400 }).map((s) => START + s * 1_000_000 + 1) },
)
/** Multiples of 1/8: sums of them are exact in binary, whatever the order. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -64, max: 64 }).map((i) => i / 8) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: pick(Number.NaN, Number.POSITIVE_INFINITY, 0) },
)
/** Keys that would collide if glued together without a separator. */
const key = pick(
  { region: 'r', site_id: 11 },
  { region: 'r1', site_id: 1 },
  { region: 'r', site_id: 1 },
  { region: '', site_id: -5 },
)

export const factRow = fc
  .record({
    key,
    ts: time,
    late: pick(0, 0, HOUR, 7 * HOUR, 30 * HOUR, 3 * DAY, 90 * 60_000_000 + 1, -HOUR, -2 * DAY, null),
    seq: fc.integer({ min: 0, max: 3 }),
    x: value,
    n: fc.integer({ min: -3, max: 3 }),
    c: pick('a', 'b', 'c', null),
  })
  .map(({ key: at, late, ...row }): Row => ({ ...at, ...row, arrived: late === null ? null : row.ts + late }))

/** Intervals that overlap, lie in one another, begin at once, are empty or end before they begin. */
export const contractRow = fc
  .record({
    key,
    tariff: pick('flat', 'peak'),
    level: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(null)),
    valid_from: time,
    length: pick(null, 6 * HOUR, DAY, 3 * DAY, 6 * DAY, 0, -DAY),
  })
  .map(({ key: at, length, ...row }): Row => ({
    ...at,
    ...row,
    valid_to: length === null ? null : row.valid_from + length,
  }))

export const spineRow = fc
  .record({
    key: fc.oneof(
      { weight: 6, arbitrary: key },
      { weight: 1, arbitrary: fc.constant({ region: 'nobody', site_id: 0 }) },
    ),
    at: fc.oneof(
      time,
      time.map((t) => t + DAY),
      time.map((t) => t + HOUR * 6),
      time.map((t) => t - 1),
    ),
  })
  .map(({ key: at, at: t }): Row => ({ ...at, at: t }))

const duration = pick('1h', '3h', '6h', '12h', '1d', '2d', '36h', '7d')
const aggregate = pick(
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'stddev',
  'variance',
  'first',
  'last',
  'distinct',
  'slope',
  'ratio',
  'wide_sum',
  'text_last',
  'text_min',
  'text_distinct',
)
const window = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      over: duration,
      shift: pick(null, null, '1d', '6h', '2d'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rows' as const), rows: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lifetime' as const) }) },
)
const where = pick('none', 'none', 'c_a', 'x_positive', 'n_or')

export interface FeatureChoice {
  readonly aggregate: string
  readonly window:
    | { readonly kind: 'time'; readonly over: Duration; readonly shift: Duration | null }
    | { readonly kind: 'rows'; readonly rows: number }
    | { readonly kind: 'lifetime' }
  readonly where: string
}

export const viewChoice = fc.record({
  every: pick('1h', '6h', '12h', '1d', '2d'),
  zone: pick('UTC', 'UTC', 'Europe/Zurich', 'America/New_York'),
  delay: pick('0h', '90m', '6h', '1d'),
  source: pick('plain', 'unordered', 'late', 'late'),
  population: fc.boolean(),
  features: fc.array(fc.record({ aggregate, window, where }), { minLength: 1, maxLength: 6 }),
})

export interface ViewChoice {
  readonly every: '1h' | '6h' | '12h' | '1d' | '2d'
  readonly zone: string
  readonly delay: '0h' | '90m' | '6h' | '1d'
  readonly source: string
  readonly population: boolean
  readonly features: readonly FeatureChoice[]
}

export function buildView(choice: ViewChoice) {
  const from = choice.source === 'late' ? lateReadings : choice.source === 'unordered' ? unorderedReadings : readings
  return featureView('random_view', {
    of: site,
    from,
    every: choice.every,
    delay: choice.delay,
    zone: choice.zone,
    ...(choice.population ? { population: contracts } : {}),
    features: (f) => {
      const of = (name: string) => {
        switch (name) {
          case 'count':
            return f.count()
          case 'sum':
            return f.sum('x')
          case 'mean':
            return f.mean('x')
          case 'min':
            return f.min('x')
          case 'max':
            return f.max('x')
          case 'stddev':
            return f.stddev('x')
          case 'variance':
            return f.variance('x')
          case 'first':
            return f.first('x')
          case 'last':
            return f.last('x')
          case 'distinct':
            return f.distinct('x')
          case 'slope':
            return f.slope('x')
          case 'ratio':
            return f.ratio(f.sum('x'), f.sum('n'))
          case 'wide_sum':
            return f.sum('n')
          case 'text_last':
            return f.last('c')
          case 'text_min':
            return f.min('c')
          default:
            return f.distinct('c')
        }
      }
      const entries = choice.features.map((feature, i) => {
        const plain = of(feature.aggregate)
        const kept =
          feature.aggregate === 'ratio' || feature.where === 'none'
            ? plain
            : feature.where === 'c_a'
              ? plain.where((r) => r.c.eq('a'))
              : feature.where === 'x_positive'
                ? plain.where((r) => r.x.gt(0))
                : plain.where((r) => r.n.ge(1).or(r.c.oneOf('b', 'c')))
        const { window: over } = feature
        if (over.kind === 'rows') return [`f${i}`, kept.overLast(over.rows)] as const
        if (over.kind === 'lifetime') return [`f${i}`, kept.lifetime()] as const
        const timed = kept.over(over.over)
        return [`f${i}`, over.shift === null ? timed : timed.shift(over.shift)] as const
      })
      return {
        ...Object.fromEntries(entries),
        quiet: f.age(),
        tariff: f.attribute(contracts, 'tariff'),
        weekday: f.calendar('dayOfWeek'),
      }
    },
  })
}
