import fc from 'fast-check'
import { z } from 'zod'
import { entity, fact, featureView, type Duration } from '../../../src/index.ts'
import type { Row } from '../row.ts'
import { DAY, DAYS, HOUR, SENTINELS, series, seriesNames, type Sample, type SeriesName } from './series.ts'

export const START = Date.UTC(2024, 0, 10) * 1000
/** Feature times; the days before them hold most facts. */
export const FIRST = START + (DAYS - 4) * DAY
export const LAST = START + DAYS * DAY

export const TABLE = 'mart.exact_readings'
export const TYPES = {
  meter: 'text',
  ts: 'timestamp',
  arrived: 'timestamp',
  seq: 'bigint',
  x: 'double',
  y: 'double',
} as const

export const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  ts: z.date(),
  arrived: z.date(),
  seq: z.int(),
  x: z.number().nullable(),
  y: z.number().nullable(),
}
const source = { columns, entities: [meter], eventTime: 'ts', sequence: 'seq' } as const
export const readings = fact(TABLE, source)
export const lateReadings = fact(TABLE, { ...source, knownAt: 'arrived' })

const pick = <const T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const reading = fc.integer({ min: -500, max: 500 }).map((i) => i / 100)
/** What an event has beside its time and its x. */
interface Rest {
  readonly late: number | null
  /** What stands in the place of x. */
  readonly missing: number | null | undefined
  readonly y: number | null
}

const restOf = (y: fc.Arbitrary<number>): fc.Arbitrary<Rest> =>
  fc.record({
    late: pick(0, 0, 0, HOUR, 7 * HOUR, 30 * HOUR, 3 * DAY, 90 * 60_000_000 + 1, 400 * DAY, -HOUR, -2 * DAY, null),
    missing: fc.oneof(
      { weight: 9, arbitrary: pick(undefined) },
      { weight: 1, arbitrary: pick(null, Number.NaN, Infinity) },
    ),
    y: fc.oneof({ weight: 12, arbitrary: y }, { weight: 1, arbitrary: pick(null, Number.NaN) }),
  })
const rests = (y: fc.Arbitrary<number>): fc.Arbitrary<readonly Rest[]> =>
  fc.array(restOf(y), { minLength: 24, maxLength: 24 })
const anyRests = rests(fc.oneof({ weight: 12, arbitrary: reading }, { weight: 1, arbitrary: pick(...SENTINELS) }))

/** The facts of a meter. Sequences differ, so that ties in time have an order. */
function factsOfMeter(name: string, samples: readonly Sample[], others: readonly Rest[]) {
  return samples.map(({ at, x }, seq): Row => {
    const { late, missing, y } = others[seq % others.length] ?? { late: 0, missing: undefined, y: 0 }
    const ts = START + at
    return {
      meter: name,
      ts,
      arrived: late === null ? null : ts + late,
      seq,
      x: missing === undefined ? x : missing,
      y,
    }
  })
}

/**
 * Marts of a series in one table, with meters of their own: what a view costs is planning its statements, which many small
 * marts share.
 */
export function martsOf(name: SeriesName, count: number): fc.Arbitrary<readonly Row[]> {
  // Without facts there is nobody to ask for.
  const mart = martOf(name).filter((rows) => rows.length > 0)
  return fc
    .array(mart, { minLength: count, maxLength: count })
    .map((marts) => marts.flatMap((rows, i) => rows.map((row) => ({ ...row, meter: `${String(row['meter'])} ${i}` }))))
}

/** Facts of three meters: one of a series by name, one of any series, one that must not notice the other two. */
function martOf(name: SeriesName): fc.Arbitrary<readonly Row[]> {
  const any = fc.constantFrom(...seriesNames).chain((other) => series[other])
  return fc
    .tuple(series[name], any, series.tame, name === 'sentinels' ? anyRests : rests(reading), anyRests, rests(reading))
    .map(([own, other, tame, one, two, three]) => [
      ...factsOfMeter('own', own, one),
      ...factsOfMeter('other', other, two),
      ...factsOfMeter('tame', tame, three),
    ])
}

const aggregates = [
  'sum',
  'mean',
  'variance',
  'stddev',
  'slope',
  'correlation',
  'ratio',
  'per_event',
  'min',
  'max',
  'first',
  'last',
  'count',
  'distinct',
] as const
const window = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('time' as const),
      over: pick('6h', '1d', '2d', '3d', '5d'),
      shift: pick(null, null, null, '1d', '6h'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rows' as const), rows: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lifetime' as const) }) },
)
const feature = fc.record({ aggregate: pick(...aggregates.slice(0, 8), ...aggregates), window, positive: fc.boolean() })

export interface ViewChoice {
  readonly every: '6h' | '12h' | '1d'
  readonly delay: '0h' | '90m' | '6h'
  readonly late: boolean
  readonly features: readonly {
    readonly aggregate: (typeof aggregates)[number]
    readonly window:
      | { readonly kind: 'time'; readonly over: Duration; readonly shift: Duration | null }
      | { readonly kind: 'rows'; readonly rows: number }
      | { readonly kind: 'lifetime' }
    /** Only events of which y is positive. */
    readonly positive: boolean
  }[]
}

export const viewChoice: fc.Arbitrary<ViewChoice> = fc.record({
  every: pick('6h', '12h', '1d', '1d'),
  delay: pick('0h', '90m', '6h'),
  late: pick(false, false, true),
  features: fc.array(feature, { minLength: 2, maxLength: 4 }),
})

export function buildView({ every, delay, late, features }: ViewChoice) {
  return featureView('exact_view', {
    of: meter,
    from: late ? lateReadings : readings,
    every,
    delay,
    features: (f) => {
      const plain = {
        sum: f.sum('x'),
        mean: f.mean('x'),
        variance: f.variance('x'),
        stddev: f.stddev('x'),
        slope: f.slope('x'),
        correlation: f.correlation('x', 'y'),
        ratio: f.ratio(f.sum('y'), f.sum('x')),
        per_event: f.ratio(f.sum('x'), f.count()),
        min: f.min('x'),
        max: f.max('x'),
        first: f.first('x'),
        last: f.last('x'),
        count: f.count(),
        distinct: f.distinct('x'),
      }
      return Object.fromEntries(
        features.map(({ aggregate, window: over, positive }, i) => {
          const all = plain[aggregate]
          const kept =
            positive && aggregate !== 'ratio' && aggregate !== 'per_event' ? all.where((r) => r.y.gt(0)) : all
          const name = `${aggregate}_${i}`
          if (over.kind === 'rows') return [name, kept.overLast(over.rows)] as const
          if (over.kind === 'lifetime') return [name, kept.lifetime()] as const
          const timed = kept.over(over.over)
          return [name, over.shift === null ? timed : timed.shift(over.shift)] as const
        }),
      )
    },
  })
}
