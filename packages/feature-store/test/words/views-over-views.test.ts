import fc from 'fast-check'
import { z } from 'zod'
import { bands, dimension, entity, fact, featureView, lookupTable, precomputed } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
/** Clocks change in Zurich on 2024-03-31. */
const START = Date.UTC(2024, 2, 27) * 1000

const meter = entity('meter', { meter: z.string() })
const usage = fact('mart.usage', {
  columns: { meter: z.string(), ts: z.date(), arrived: z.date(), kwh: z.number().nullable(), n: z.int() },
  entities: [meter],
  eventTime: 'ts',
})
const lateUsage = fact('mart.usage', {
  columns: { meter: z.string(), ts: z.date(), arrived: z.date(), kwh: z.number().nullable(), n: z.int() },
  entities: [meter],
  eventTime: 'ts',
  knownAt: 'arrived',
})
const visits = fact('mart.visits', {
  columns: { meter: z.string(), at: z.date(), hours: z.number() },
  entities: [meter],
  eventTime: 'at',
})
const contracts = dimension('mart.contracts', {
  columns: { meter: z.string(), tariff: z.string(), valid_from: z.date(), valid_to: z.date().nullable() },
  entity: meter,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
const prices = lookupTable('mart.prices', {
  columns: { since: z.date(), price: z.number() },
  validFrom: 'since',
  knownAhead: true,
})
const scores = precomputed('mart.scores', {
  columns: { meter: z.string(), day: z.date(), made: z.date(), score: z.number() },
  entity: meter,
  time: 'day',
  created: 'made',
})

const every = fc.constantFrom('6h' as const, '12h' as const, '1d' as const, '2d' as const)
const delay = fc.constantFrom('0h' as const, '90m' as const, '6h' as const, '1d' as const)
const zone = fc.constantFrom('UTC', 'UTC', 'Europe/Zurich')
const grid = fc.record({ every, delay, zone })
type Grid = Parameters<Parameters<typeof grid.map>[0]>[0]
const options = fc.record({
  own: grid,
  usage: grid,
  visits: grid,
  late: fc.boolean(),
  population: fc.boolean(),
  ranked: fc.boolean(),
  standing: fc.boolean(),
  ttl: fc.boolean(),
  /** Whether all have the grid of the view itself. */
  alike: fc.boolean(),
})
type Options = Parameters<Parameters<typeof options.map>[0]>[0]

const usageView = ({ usage: of, own, late, population, ranked, alike }: Options) =>
  featureView('usage', {
    of: meter,
    from: late ? lateUsage : usage,
    ...(alike ? own : of),
    ...(population ? { population: contracts } : {}),
    features: (f) => ({
      kwh: f.sum('kwh').over('1d', '3d'),
      n: f.count().over('12h'),
      last: f.last('kwh').overLast(2),
      tariff: f.attribute(contracts, 'tariff'),
      price: f.lookup(prices, 'price', { at: '+6h' }),
    }),
    derive: (v) => ({ momentum: v.kwh_1d.div(v.kwh_3d) }),
    among: (v, everybody) => (ranked ? { third: everybody.ntile(v.kwh_3d, 3) } : { third: everybody.rank(v.n_12h) }),
  })

const visitsView = ({ visits: of, own, alike, ttl }: Options) => {
  const timing: Grid = alike ? own : of
  return featureView('visits', {
    of: meter,
    from: visits,
    ...timing,
    ...(ttl ? { ttl: shortest(timing) } : {}),
    features: (f) => ({ hours: f.sum('hours').over('2d'), since: f.age() }),
  })
}

/** As short as may be: on the day of 25 hours, rows are older. */
const shortest = ({ every: step, delay: wait }: Grid) => {
  const minutes = (text: string): number =>
    Number.parseInt(text, 10) * (text.endsWith('d') ? 1440 : text.endsWith('h') ? 60 : 1)
  return `${minutes(step) + minutes(wait)}m` as const
}

const overOne = (given: Options) =>
  featureView('word', {
    of: meter,
    from: usageView(given),
    ...given.own,
    features: (v, f) => ({
      kwh: v.kwh_3d,
      busy: v.n_12h.gt(1),
      level: bands(v.kwh_3d, { low: 0, high: 4 }),
      growth: v.kwh_1d.div(v.kwh_3d).sub(v.momentum),
      third: v.third,
      weekday: f.calendar('dayOfWeek'),
      now_on: f.attribute(contracts, 'tariff'),
      was_on: v.tariff,
      dearer: v.price.gt(1),
      price: f.lookup(prices, 'price'),
    }),
    derive: (v) => ({ more: v.kwh.add(v.third) }),
    among: (v, everybody) => ({ standing: given.standing ? everybody.rank(v.more) : everybody.zscore(v.more) }),
  })

const overTwo = (given: Options) =>
  featureView('word', {
    of: meter,
    from: [usageView(given), visitsView(given)],
    ...given.own,
    features: (v) => ({
      kwh: v.usage__kwh_3d,
      hours: v.visits__hours_2d,
      each: v.usage__kwh_3d.div(v.visits__hours_2d),
      since: v.visits__since,
      third: v.usage__third,
    }),
    among: (v, everybody) => ({ standing: given.standing ? everybody.quantile(v.kwh, 3) : everybody.zscore(v.kwh) }),
  })

const scoresView = ({ visits: { delay: wait }, ttl }: Options) =>
  featureView('scores', {
    of: meter,
    from: scores,
    every: '1d',
    delay: wait,
    ...(ttl ? { ttl: '3d' } : {}),
    features: (f) => ({ score: f.column('score') }),
  })

const overScores = (given: Options) =>
  featureView('word', {
    of: meter,
    from: [scoresView(given), visitsView(given)],
    ...given.own,
    features: (v) => ({ score: v.scores__score, hours: v.visits__hours_2d }),
    among: (v, everybody) => ({ standing: everybody.rank(v.score) }),
  })

/** Three levels. */
const overOver = (given: Options) => {
  const tiers = featureView('tiers', {
    of: meter,
    from: usageView(given),
    ...(given.alike ? given.own : given.visits),
    features: (v) => ({ kwh: v.kwh_3d, third: v.third }),
    among: (v, everybody) => ({ standing: everybody.rank(v.kwh) }),
  })
  return featureView('word', {
    of: meter,
    from: tiers,
    ...given.own,
    features: (v) => ({ was: v.standing, score: v.standing.mul(10).add(v.third) }),
    among: (v, everybody) => ({
      standing: given.standing ? everybody.percentRank(v.score) : everybody.zscore(v.score),
    }),
  })
}

const names = fc.constantFrom('a', 'b', 'c')
const hour = fc.integer({ min: 0, max: 8 * 24 }).map((i) => START + i * HOUR)

expectWord('views over views', {
  tables: {
    'mart.usage': { meter: 'text', ts: 'timestamp', arrived: 'timestamp', kwh: 'double', n: 'bigint' },
    'mart.visits': { meter: 'text', at: 'timestamp', hours: 'double' },
    'mart.contracts': { meter: 'text', tariff: 'text', valid_from: 'timestamp', valid_to: 'timestamp' },
    'mart.prices': { since: 'timestamp', price: 'double' },
    'mart.scores': { meter: 'text', day: 'timestamp', made: 'timestamp', score: 'double' },
  },
  meters: ['meter'],
  marts: fc.record({
    'mart.usage': fc.array(
      fc
        .record({
          meter: names,
          ts: hour,
          late: fc.constantFrom(0, 0, HOUR, 7 * HOUR, 2 * DAY, -HOUR),
          kwh: fc.option(
            fc.integer({ min: -4, max: 24 }).map((i) => i / 4),
            { freq: 6 },
          ),
          n: fc.integer({ min: -1, max: 3 }),
        })
        .map(({ late, ...row }) => ({ ...row, arrived: row.ts + late })),
      { minLength: 1, maxLength: 12 },
    ),
    'mart.visits': fc.array(
      fc.record({ meter: names, at: hour, hours: fc.integer({ min: 0, max: 8 }).map((i) => i / 4) }),
      { maxLength: 5 },
    ),
    'mart.contracts': fc.array(
      fc
        .record({
          meter: names,
          tariff: fc.constantFrom('flat', 'night'),
          valid_from: hour,
          length: fc.constantFrom(null, DAY, 4 * DAY),
        })
        .map(({ length, ...row }) => ({ ...row, valid_to: length === null ? null : row.valid_from + length })),
      { maxLength: 4 },
    ),
    'mart.prices': fc.array(fc.record({ since: hour, price: fc.integer({ min: 0, max: 9 }).map((i) => i / 4) }), {
      maxLength: 1,
    }),
    'mart.scores': fc.uniqueArray(
      fc
        .record({
          meter: names,
          day: hour,
          late: fc.constantFrom(0, HOUR, 2 * DAY),
          score: fc.integer({ min: 0, max: 9 }),
        })
        .map(({ late, ...row }) => ({ ...row, made: row.day + late })),
      { maxLength: 5, selector: ({ meter: of, day }) => `${of} ${day}` },
    ),
  }),
  views: fc
    .tuple(fc.constantFrom(overOne, overOne, overTwo, overTwo, overScores, overOver), options)
    .map(([build, given]) => build(given)),
  range: { from: START + 2 * DAY, to: START + 6 * DAY },
})
