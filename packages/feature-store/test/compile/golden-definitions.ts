import { z } from 'zod'
import {
  bands,
  caseWhen,
  days,
  decimal,
  dimension,
  entity,
  event,
  everyGrid,
  fact,
  featureService,
  featureView,
  happens,
  intervals,
  label,
  lookupTable,
  next,
  T,
  timeTo,
  precomputed,
  whenever,
  type AnyFeatureService,
  type AnyFeatureView,
  type AnyLabel,
  type MadeSpine,
} from '../../src/index.ts'

const meter = entity('meter', { site_id: z.string(), channel: z.int() })
const columns = {
  site_id: z.string(),
  channel: z.int(),
  ts: z.date(),
  loaded_at: z.date(),
  seq: z.int(),
  kwh: z.number(),
  reads: z.int(),
  cost: decimal(12, 2),
  tariff: z.enum(['peak', 'off']),
  open: z.boolean(),
}

const usage = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts' })
const sequenced = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts', sequence: 'seq' })
const late = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts', knownAt: 'loaded_at' })
const local = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts', zone: 'Europe/Zurich' })
const places = dimension('mart.places', {
  columns: { site_id: z.string(), channel: z.int(), region: z.string(), since: z.date(), until: z.date().nullable() },
  entity: meter,
  validFrom: 'since',
  validTo: 'until',
})
const now = dimension('mart.places', {
  columns: { site_id: z.string(), channel: z.int(), region: z.string() },
  entity: meter,
})
const sessions = intervals('mart.usage', {
  columns: { site_id: z.string(), channel: z.int(), ts: z.date(), loaded_at: z.date().nullable(), kwh: z.number() },
  entities: [meter],
  start: 'ts',
  end: 'loaded_at',
})
const region = entity('region', { region: z.string() })
const tariffs = dimension('mart.tariffs', {
  columns: { tariff: z.string(), price: z.number() },
  entity: entity('tariff', { tariff: z.string() }),
})
const scores = precomputed('mart.scores', {
  columns: {
    site_id: z.string(),
    channel: z.int(),
    at: z.date(),
    written: z.date(),
    score: z.number(),
    segment: z.string(),
  },
  entity: meter,
  time: 'at',
  created: 'written',
})

const regions = dimension('mart.regions', {
  columns: { region: z.string(), score: z.number(), since: z.date(), until: z.date().nullable() },
  entity: entity('region', { region: z.string() }),
  validFrom: 'since',
  validTo: 'until',
})
const holidays = lookupTable('mart.holidays', {
  columns: { date: z.iso.date(), name: z.string() },
  day: 'date',
  knownAhead: true,
})
const prices = lookupTable('mart.prices', {
  columns: { since: z.date(), until: z.date().nullable(), published: z.date(), price: z.number() },
  validFrom: 'since',
  validTo: 'until',
  knownAt: 'published',
})

const outage = event('outage', late, { where: (r) => r.open.eq(true) })

const daily = { of: meter, from: usage, every: '1d' } as const

const amongEverybody = featureView('golden', {
  ...daily,
  features: (f) => ({ kwh: f.max('kwh').over('1d'), tariff: f.last('tariff') }),
  among: (v, everybody) => ({
    standing: everybody.rank(v.kwh_1d, { within: v.tariff }),
    above: everybody.percentRank(v.kwh_1d),
    half: everybody.ntile(v.kwh_1d, 2),
    tier: everybody.quantile(v.kwh_1d, 5),
    odd: everybody.zscore(v.kwh_1d),
    part: everybody.share(v.kwh_1d),
  }),
})

const weekly = featureView('weekly', { ...daily, delay: '2h', features: (f) => ({ kwh: f.sum('kwh').over('7d') }) })
const hourly = featureView('hourly', {
  ...daily,
  every: '1h',
  zone: 'Europe/Zurich',
  ttl: '1d',
  features: (f) => ({ kwh: f.sum('kwh').over('3h') }),
})
const placed = featureView('places', { ...daily, from: places, features: (f) => ({ region: f.attribute('region') }) })
const segments = featureView('segments', {
  ...daily,
  from: scores,
  ttl: '7d',
  features: (f) => ({ score: f.column('score') }),
})
const overWeekly = featureView('golden', {
  ...daily,
  from: weekly,
  features: (v) => ({ kwh: v.kwh_7d, high: v.kwh_7d.gt(100) }),
  among: (v, everybody) => ({ half: everybody.ntile(v.kwh, 2) }),
})

/** One view for each kind of feature, window, source and grid. */
export const views: Readonly<Record<string, AnyFeatureView>> = {
  lookups: featureView('golden', {
    ...daily,
    features: (f) => ({
      kwh: f.sum('kwh').over('1d'),
      holiday: f.lookup(holidays, 'name'),
      price: f.lookup(prices, 'price', { at: '+6h' }),
    }),
  }),
  'foreign-attribute': featureView('golden', {
    ...daily,
    from: places,
    features: (f) => ({ score: f.via(places, 'region').attribute(regions, 'score') }),
  }),
  'lookups-of-a-zone': featureView('golden', {
    every: '1d',
    zone: 'Europe/Zurich',
    features: (f) => ({
      tomorrow: f.lookup(holidays, 'name', { at: '+1d' }),
      price: f.lookup(prices, 'price', { at: '+1d' }),
    }),
  }),
  'count-and-sums': featureView('golden', {
    ...daily,
    features: (f) => ({
      n: f.count().over('7d'),
      kwh: f.sum('kwh').over('1d', '28d'),
      reads: f.sum('reads').over('7d'),
      cost: f.sum('cost').over('7d'),
    }),
  }),
  mean: featureView('golden', { ...daily, features: (f) => ({ kwh: f.mean('kwh').over('7d') }) }),
  'min-and-max': featureView('golden', {
    ...daily,
    features: (f) => ({ low: f.min('kwh').over('7d'), high: f.max('kwh').over('7d') }),
  }),
  'event-attributes': featureView('golden', {
    of: region,
    from: usage
      .with(places, { on: { site_id: 'site_id', channel: 'channel' }, columns: ['region'], entities: [region] })
      .with(tariffs, { on: { tariff: 'tariff' }, columns: ['price'], withoutHistory: 'allow' }),
    every: '1d',
    features: (f) => ({
      kwh: f.sum('kwh').over('7d'),
      spent: f.sum((r) => r.kwh.mul(r.price)).over('7d'),
    }),
  }),
  'intervals-overlap': featureView('golden', {
    ...daily,
    from: sessions,
    features: (f) => ({
      busy: f.overlap().over('7d'),
      used: f
        .overlap({ union: true })
        .where((r) => r.kwh.gt(2))
        .toDate('month'),
    }),
  }),
  'intervals-open': featureView('golden', {
    ...daily,
    from: sessions,
    features: (f) => ({ n: f.count().open(), kwh: f.max('kwh').open() }),
  }),
  'event-expressions': featureView('golden', {
    ...daily,
    from: usage.with((r) => ({ bill: r.kwh.mul(r.cost), twice: r.reads.mul(2) })),
    features: (f) => ({
      bill: f.sum('bill').over('7d'),
      reads: f
        .sum((r) => r.reads.mul(r.reads))
        .where((r) => r.bill.gt(0))
        .over('7d'),
      grade: f.last((r) => caseWhen(r.twice.gt(9), 'high').otherwise(r.tariff)),
    }),
  }),
  'events-before': featureView('golden', {
    ...daily,
    from: sequenced.with((r) => ({ gap: r.sincePrevious() })),
    features: (f) => ({
      between: f.mean('gap').over('7d'),
      grown: f.sum((r) => r.increase('reads')).over('7d'),
      risen: f
        .sum((r) => r.kwh.sub(r.previous('kwh')))
        .where((r) => r.tariff.ne(r.previous('tariff')))
        .over('7d'),
    }),
  }),
  'stddev-and-variance': featureView('golden', {
    ...daily,
    features: (f) => ({ spread: f.stddev('kwh').over('7d'), variance: f.variance('kwh').over('7d') }),
  }),
  'first-and-last': featureView('golden', {
    ...daily,
    from: sequenced,
    features: (f) => ({ first: f.first('tariff').over('7d'), last: f.last('tariff').over('7d') }),
  }),
  distinct: featureView('golden', {
    ...daily,
    features: (f) => ({ tariffs: f.distinct('tariff').over('7d'), ever: f.distinct('tariff').lifetime() }),
  }),
  slope: featureView('golden', { ...daily, features: (f) => ({ trend: f.slope('kwh').over('28d') }) }),
  ratio: featureView('golden', {
    ...daily,
    features: (f) => ({ price: f.ratio(f.sum('cost'), f.sum('kwh')).over('28d') }),
  }),
  percentile: featureView('golden', {
    ...daily,
    features: (f) => ({
      high: f.percentile('kwh', 0.9).over('7d'),
      middle: f.median('cost').over('7d'),
      rough: f.percentile('kwh', 0.9, { approximate: true }).over('7d'),
    }),
  }),
  approximate: featureView('golden', {
    ...daily,
    features: (f) => ({ tariffs: f.distinct('tariff', { approximate: true }).over('7d') }),
  }),
  'most-frequent': featureView('golden', {
    ...daily,
    from: sequenced,
    features: (f) => ({ tariff: f.mostFrequent('tariff').over('7d'), ever: f.mostFrequent('tariff').lifetime() }),
  }),
  'any-and-all': featureView('golden', {
    ...daily,
    features: (f) => ({
      peak: f.any((r) => r.tariff.eq('peak')).over('7d'),
      open: f
        .all((r) => r.open)
        .where((r) => r.kwh.gt(0))
        .over('7d'),
    }),
  }),
  decayed: featureView('golden', {
    ...daily,
    features: (f) => ({ kwh: f.decayed('kwh', { halfLife: '7d' }) }),
  }),
  age: featureView('golden', { ...daily, features: (f) => ({ silent: f.age() }) }),
  where: featureView('golden', {
    ...daily,
    features: (f) => ({
      peak: f
        .sum('kwh')
        .where((r) => r.tariff.eq('peak').and(r.kwh.gt(1.5)).or(r.open.eq(true)))
        .over('7d'),
    }),
  }),
  'window-shifted': featureView('golden', {
    ...daily,
    features: (f) => ({ week_ago: f.sum('kwh').over('1d').shift('7d') }),
  }),
  'window-rows': featureView('golden', {
    ...daily,
    from: sequenced,
    features: (f) => ({ recent: f.mean('kwh').overLast(10) }),
  }),
  'window-local-days': featureView('golden', {
    ...daily,
    zone: 'Europe/Zurich',
    features: (f) => ({ kwh: f.sum('kwh').overDays(1, 7), before: f.sum('kwh').overDays(1).shift(7) }),
  }),
  'window-calendar-to-date': featureView('golden', {
    ...daily,
    features: (f) => ({ kwh: f.sum('kwh').toDate('month'), last: f.sum('kwh').previous('week') }),
  }),
  'window-since-an-event': featureView('golden', {
    ...daily,
    features: (f) => ({
      kwh: f.sum('kwh').since(outage),
      reads: f.count().since(outage, { otherwise: 'lifetime' }),
      outage_age: f.age(outage),
    }),
  }),
  'window-along-a-meter': featureView('golden', {
    ...daily,
    from: sequenced,
    features: (f) => ({ kwh: f.sum('kwh').along('reads', 50) }),
  }),
  'window-lifetime': featureView('golden', {
    ...daily,
    features: (f) => ({ ever: f.sum('kwh').lifetime(), most: f.max('kwh').lifetime() }),
  }),
  'grid-with-delay': featureView('golden', {
    of: meter,
    from: usage,
    every: '6h',
    delay: '90m',
    features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
  }),
  'grid-of-a-zone': featureView('golden', {
    ...daily,
    zone: 'Europe/Zurich',
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), weekday: f.calendar('dayOfWeek') }),
  }),
  'instants-and-bands': featureView('golden', {
    ...daily,
    zone: 'Europe/Zurich',
    features: (f) => ({ kwh: f.sum('kwh').over('1d'), newest: f.last('ts') }),
    derive: (v) => ({
      silent: days(v.newest, T),
      since: days('2024-01-01', T),
      tier: bands(v.kwh_1d, { low: 0, high: 9 }),
    }),
  }),
  'among-everybody': amongEverybody,
  'source-with-arrival-times': featureView('golden', {
    ...daily,
    from: late,
    delay: '6h',
    features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
  }),
  'windows-joined-with-arrival-times': featureView('golden', {
    ...daily,
    from: late,
    delay: '6h',
    features: (f) => ({
      kwh: f.sum('kwh').over('7d'),
      peak: f.max('kwh').over('7d'),
      tariffs: f.distinct('tariff').over('7d'),
    }),
  }),
  'source-on-a-local-clock': featureView('golden', {
    ...daily,
    from: local,
    features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
  }),
  'source-dimension': featureView('golden', {
    of: meter,
    from: places,
    every: '1d',
    features: (f) => ({ region: f.attribute('region') }),
  }),
  population: featureView('golden', {
    ...daily,
    population: places,
    features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
  }),
  attribute: featureView('golden', {
    ...daily,
    features: (f) => ({ kwh: f.sum('kwh').over('7d'), region: f.attribute(places, 'region') }),
  }),
  'attribute-without-history': featureView('golden', {
    ...daily,
    features: (f) => ({
      kwh: f.sum('kwh').over('7d'),
      region: f.attribute(now, 'region', { withoutHistory: 'allow' }),
    }),
  }),
  derived: featureView('golden', {
    ...daily,
    features: (f) => ({ kwh: f.sum('kwh').over('7d', '28d') }),
    derive: (v) => ({ momentum: v.kwh_7d.div(v.kwh_28d.div(4)), busy: v.kwh_7d.gt(100) }),
  }),
  'view-over-a-view': overWeekly,
  'view-over-views-of-one-grid': featureView('golden', {
    ...daily,
    from: [weekly, placed],
    features: (v) => ({ kwh: v.weekly__kwh_7d, region: v.places__region }),
  }),
  'view-over-views': featureView('golden', {
    ...daily,
    delay: '90m',
    from: [weekly, hourly, placed, segments],
    features: (v) => ({
      kwh: v.weekly__kwh_7d.sub(v.hourly__kwh_3h),
      region: v.places__region,
      score: v.segments__score,
    }),
  }),
  calendar: featureView('golden', {
    every: '1h',
    zone: 'Europe/Zurich',
    features: (f) => ({ hour: f.calendar('hour'), week: f.calendar('week'), weekend: f.calendar('isWeekend') }),
  }),
}

const view = views['count-and-sums'] ?? raise()
const scored = featureView('scores', {
  of: meter,
  from: scores,
  every: '1d',
  delay: '1h',
  ttl: '3d',
  features: (f) => ({ score: f.column('score'), segment: f.column('segment') }),
})

interface Training {
  readonly service: AnyFeatureService
  readonly labels: readonly AnyLabel[]
  readonly from: 'facts' | 'materialized'
}

/** Training sets: each source of features, and each kind of label. */
const continuous = { of: meter, every: 'continuous' } as const
const velocity = featureView('velocity', {
  ...continuous,
  from: usage,
  features: (f) => ({
    n: f.count().over('5m', '1h'),
    kwh: f.sum('kwh').over('1h', '30d'),
    cost: f.sum('cost').by('tariff').over('24h'),
    peak: f.max('kwh').over('24h'),
    spread: f.stddev('kwh').over('24h'),
    newest: f.last('ts'),
    tariff: f.last('tariff').over('24h'),
  }),
  derive: (v) => ({ since: days(v.newest, T), burst: v.n_5m.div(v.n_1h) }),
})
const lateVelocity = featureView('velocity', {
  ...continuous,
  from: late,
  features: (f) => ({ n: f.count().over('5m', '1h'), least: f.min('kwh').over('1h'), kwh: f.sum('kwh').lifetime() }),
})
const byNewest = featureView('by_newest', {
  ...continuous,
  from: late,
  clock: 'newest event',
  features: (f) => ({ n: f.count().over('1h'), mean: f.mean('kwh').over('24h'), newest: f.last('ts') }),
  derive: (v) => ({ since: days(v.newest, T) }),
})

export const trainings: Readonly<Record<string, Training>> = {
  'training-continuous': { service: featureService('golden', [velocity]), labels: [], from: 'facts' },
  'training-continuous-with-arrival-times': {
    service: featureService('golden', [lateVelocity]),
    labels: [],
    from: 'facts',
  },
  'training-continuous-by-the-newest-event': {
    service: featureService('golden', [byNewest]),
    labels: [],
    from: 'facts',
  },
  'training-continuous-beside-tables': {
    service: featureService('golden', [view, velocity.pick('n_5m')]),
    labels: [],
    from: 'materialized',
  },
  'training-from-facts': { service: featureService('golden', [view]), labels: [], from: 'facts' },
  'training-from-materialized': { service: featureService('golden', [view]), labels: [], from: 'materialized' },
  'training-precomputed': { service: featureService('golden', [scored]), labels: [], from: 'facts' },
  'training-with-defaults': {
    service: featureService('golden', [scored.default({ score: 0.5 })]),
    labels: [],
    from: 'facts',
  },
  'training-calendar-of-a-zone': {
    service: featureService('golden', [views['calendar'] ?? raise()]),
    labels: [],
    from: 'facts',
  },
  'training-of-a-view-over-a-view': {
    service: featureService('golden', [overWeekly]),
    labels: [],
    from: 'facts',
  },
  'training-with-population': {
    service: featureService('golden', [views['population'] ?? raise()]),
    labels: [],
    from: 'facts',
  },
  'label-sum': {
    service: featureService('golden', [scored]),
    labels: [
      label('next_day', {
        of: meter,
        from: usage,
        value: (f) => f.sum('kwh').ahead('1d', { gap: '6h', maturity: '2d' }),
      }),
    ],
    from: 'facts',
  },
  'label-steps': {
    service: featureService('golden', [scored]),
    labels: [
      label('next', {
        of: meter,
        from: usage,
        value: (f) => f.sum('kwh').ahead('1d', { gap: '6h', maturity: '2d' }).steps(3),
      }),
    ],
    from: 'facts',
  },
  'label-next': {
    service: featureService('golden', [scored]),
    labels: [label('tariff', { of: meter, value: next(usage, 'tariff').within('48h', { where: (r) => r.kwh.gt(0) }) })],
    from: 'facts',
  },
  'label-time-to': {
    service: featureService('golden', [scored]),
    labels: [label('life', { of: meter, value: timeTo(usage).within('30d', { gap: '1d', maturity: '6h' }) })],
    from: 'facts',
  },
  'label-happens': {
    service: featureService('golden', [scored]),
    labels: [label('peak', { of: meter, value: happens(usage).within('14d', { where: (r) => r.tariff.eq('peak') }) })],
    from: 'facts',
  },
}

const week = { from: '2024-03-28', to: '2024-04-04', every: '1d' } as const

/** Spines: each kind of population, and events. */
export const spines: Readonly<Record<string, MadeSpine>> = {
  'spine-of-a-dimension': everyGrid({ of: places, ...week }),
  'spine-of-a-view': everyGrid({
    of: featureView('golden', { of: meter, from: late, every: '1d', delay: '6h', features: (f) => ({ age: f.age() }) }),
    ...week,
  }),
  'spine-of-precomputed-rows': everyGrid({ of: scored, ...week }),
  'spine-of-events': whenever(usage, { where: (r) => r.kwh.gt(1), before: '1h', columns: ['tariff'] }),
}

function raise(): never {
  throw new Error('no such view')
}
