import { z } from 'zod'
import {
  caseWhen,
  decimal,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  happens,
  label,
  next as nextKind,
  timeTo,
  precomputed,
  type EntityKeyOf,
  type FeaturesOf,
  type LabelColumnsOf,
  type LabelOf,
  type VectorOf,
} from '@martlet/feature-store'
import { sure, type Equal } from './equal.ts'

const meter = entity('meter', { site_id: z.string(), channel: z.int() })
const site = entity('site', { site_id: z.string() })
const readings = fact('mart.readings', {
  columns: {
    site_id: z.string(),
    channel: z.int(),
    at: z.date(),
    arrived: z.date(),
    value: z.number(),
    price: decimal(9, 4),
    state: z.enum(['on', 'off']),
    note: z.string().nullable(),
    faulty: z.boolean(),
    due: z.iso.date(),
    seq: z.int().optional(),
  },
  entities: [meter, site],
  eventTime: 'at',
  knownAt: 'arrived',
  sequence: 'seq',
})
const profile = dimension('mart.dim_meter', {
  columns: {
    site_id: z.string(),
    channel: z.int(),
    model: z.enum(['a', 'b']),
    power: z.number().nullable(),
    since: z.date(),
  },
  entity: meter,
  validFrom: 'since',
})
const current = dimension('mart.dim_meter_now', {
  columns: { site_id: z.string(), channel: z.int(), model: z.string() },
  entity: meter,
})
const forecasts = precomputed('mart.forecasts', {
  columns: {
    site_id: z.string(),
    at: z.date(),
    kwh: z.number(),
    grade: z.enum(['x', 'y']).nullable(),
    hint: z.string().optional(),
  },
  entity: site,
  time: 'at',
})

// expressions of events are as typed as columns
const billed = readings.with((r) => ({
  bill: r.value.mul(r.price),
  grade: caseWhen(r.value.gt(10), 'high').otherwise('low'),
  late: r.seq.add(1),
}))
const bills = featureView('bills', {
  of: meter,
  from: billed.with((r) => ({ double_bill: r.bill.mul(2) })),
  every: '1d',
  features: (f) => ({
    total: f.sum('double_bill').over('7d'),
    worst: f.max((r) => r.value.mul(r.price)).over('7d'),
    inline: f.sum((r) => r.value.mul(r.seq)).over('1d'),
    grade: f.last('grade'),
    kind: f.last((r) => caseWhen(r.faulty, 'bad').otherwise(r.state)),
    when: f.min((r) => r.at.least(r.arrived)).lifetime(),
    odd: f.distinct((r) => r.faulty.and(r.grade.eq('low'))).over('1d'),
    late: f.first('late'),
  }),
})
sure<
  Equal<
    FeaturesOf<typeof bills>,
    {
      readonly total_7d: number
      readonly worst_7d: number | null
      readonly inline_1d: number
      readonly grade: 'high' | 'low' | null
      readonly kind: 'bad' | 'on' | 'off' | null
      readonly when: Date | null
      readonly odd_1d: number
      readonly late: number | null
    }
  >
>()

// every aggregate, every window
const view = featureView('meter_use', {
  of: meter,
  from: readings,
  every: '15m',
  features: (f) => ({
    n: f.count().over('1d', '7d'),
    sum: f.sum('price').overLast(10, 50),
    mean: f.mean('value').lifetime(),
    min: f.min('at').over('1d'),
    max: f.max('state').over('1d'),
    spread: f.stddev('value').over('1d'),
    variance: f.variance('value').over('1d'),
    first: f.first('note'),
    last: f.last('state').where((r) => r.faulty.not()),
    last_week: f.last('faulty').over('7d').shift('7d'),
    kinds: f.distinct('note').over('30d').shift('1d'),
    unit: f.ratio(f.sum('price'), f.count()).over('1d'),
    trend: f.slope('value').over('28d'),
    high: f.percentile('value', 0.9).over('1d', '7d'),
    middle: f.median('price', { approximate: true }).overLast(10),
    about: f.distinct('note', { approximate: true }).lifetime(),
    usual: f.mostFrequent('state').over('7d'),
    broken: f.any((r) => r.faulty).over('7d'),
    sound: f.all((r) => r.faulty.not()).lifetime(),
    recency: f.decayed('value', { halfLife: '7d' }),
    of_state: f.sum('value').by('state').over('1d', '7d'),
    noted: f.mean('value').by('note', ['good', 'bad'], { rest: true }).overLast(3),
    flawed: f.count().by('faulty', { yes: true, no: false }).lifetime(),
    level: f.last('state').by('seq', { first: 1 }).over('1d').shift('1d').series(2),
    curve: f.sum('value').over('30m').series(3),
    idle: f.age().where((r) => r.value.gt(0)),
    hour: f.calendar('hour'),
    weekend: f.calendar('isWeekend'),
    model: f.attribute(profile, 'model'),
    now: f.attribute(current, 'model', { withoutHistory: 'allow' }),
  }),
  derive: (v) => ({
    growth: v.n_1d.div(v.n_7d),
    steady: v.n_1d.div(v.n_7d).coalesce(0),
    total: v.n_1d.add(v.n_7d).negate().abs(),
    maybe: v.n_1d.add(v.mean),
    busy: v.n_1d.gt(100),
    busier: v.mean.gt(100).and(v.weekend),
    known: v.mean.isNull().not(),
    size: caseWhen(v.n_1d.gt(100), 'large').otherwise('small'),
    share: caseWhen(v.n_1d.gt(100), v.mean).when(v.weekend, 1).otherwise(null),
    word: v.first.coalesce('none'),
    most: v.n_1d.greatest(v.n_7d, 3),
    least: v.n_1d.least(v.mean),
    latest: v.min_1d.coalesce(new Date(0)),
  }),
})

sure<
  Equal<
    FeaturesOf<typeof view>,
    {
      readonly n_1d: number
      readonly n_7d: number
      readonly sum_last10: number
      readonly sum_last50: number
      readonly mean: number | null
      readonly min_1d: Date | null
      readonly max_1d: 'on' | 'off' | null
      readonly spread_1d: number | null
      readonly variance_1d: number | null
      readonly first: string | null
      readonly last: 'on' | 'off' | null
      readonly last_week_7d: boolean | null
      readonly kinds_30d: number
      readonly unit_1d: number | null
      readonly trend_28d: number | null
      readonly high_1d: number | null
      readonly high_7d: number | null
      readonly middle_last10: number | null
      readonly about: number
      readonly usual_7d: 'on' | 'off' | null
      readonly broken_7d: boolean
      readonly sound: boolean | null
      readonly recency: number
      readonly of_state_on_1d: number
      readonly of_state_on_7d: number
      readonly of_state_off_1d: number
      readonly of_state_off_7d: number
      readonly noted_good_last3: number | null
      readonly noted_bad_last3: number | null
      readonly noted_rest_last3: number | null
      readonly flawed_yes: number
      readonly flawed_no: number
      readonly level_first_1d_1: 'on' | 'off' | null
      readonly level_first_1d_2: 'on' | 'off' | null
      readonly curve_30m_1: number
      readonly curve_30m_2: number
      readonly curve_30m_3: number
      readonly idle: number | null
      readonly hour: number
      readonly weekend: boolean
      readonly model: 'a' | 'b' | null
      readonly now: string | null
      readonly growth: number | null
      readonly steady: number
      readonly total: number
      readonly maybe: number | null
      readonly busy: boolean
      readonly busier: boolean | null
      readonly known: boolean
      readonly size: 'large' | 'small'
      readonly share: number | null
      readonly word: string
      readonly most: number
      readonly least: number | null
      readonly latest: Date
    }
  >
>()

// other sources
const profiles = featureView('meter_profile', {
  of: meter,
  from: profile,
  every: '1d',
  features: (f) => ({ model: f.attribute('model'), power: f.attribute('power'), month: f.calendar('month') }),
})
sure<
  Equal<
    FeaturesOf<typeof profiles>,
    { readonly model: 'a' | 'b' | null; readonly power: number | null; readonly month: number }
  >
>()

const now = featureView('meter_now', {
  of: meter,
  from: current,
  every: '1d',
  features: (f) => ({ model: f.attribute('model', { withoutHistory: 'allow' }) }),
})
sure<Equal<FeaturesOf<typeof now>, { readonly model: string | null }>>()

const ready = featureView('forecasts', {
  of: site,
  from: forecasts,
  every: '1h',
  features: (f) => ({ kwh: f.column('kwh'), grade: f.column('grade'), hint: f.column('hint') }),
})
sure<
  Equal<
    FeaturesOf<typeof ready>,
    { readonly kwh: number; readonly grade: 'x' | 'y' | null; readonly hint: string | null }
  >
>()

const calendar = featureView('calendar', {
  every: '1d',
  zone: 'Europe/Zurich',
  features: (f) => ({ dow: f.calendar('dayOfWeek') }),
  derive: (v) => ({ monday: v.dow.eq(1) }),
})
sure<Equal<FeaturesOf<typeof calendar>, { readonly dow: number; readonly monday: boolean }>>()

// services
const service = featureService('meter_forecast', [view.pick('n_1d', 'last'), ready.pick('kwh'), calendar])
sure<
  Equal<
    VectorOf<typeof service>,
    {
      readonly meter_use__n_1d: number
      readonly meter_use__last: 'on' | 'off' | null
      readonly forecasts__kwh: number
      readonly calendar__dow: number
      readonly calendar__monday: boolean
    }
  >
>()
sure<Equal<EntityKeyOf<typeof service>, { readonly site_id: string; readonly channel: number }>>()
const everybody = featureService('everybody', [calendar])
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- a calendar has no keys
sure<Equal<keyof EntityKeyOf<typeof everybody>, never>>()

// labels
const next = label('next_day', {
  of: site,
  from: readings,
  value: (f) =>
    f
      .sum('value')
      .where((r) => r.state.eq('on'))
      .ahead('1d', { gap: '0h', maturity: '6h' }),
})
sure<Equal<LabelOf<typeof next>, number | null>>()
const mostly = label('state', { of: meter, from: readings, value: (f) => f.last('state').ahead('1h') })
sure<Equal<LabelOf<typeof mostly>, 'on' | 'off' | null>>()
const fails = label('fails', { of: meter, value: happens(readings).within('14d', { where: (r) => r.faulty }) })
sure<Equal<LabelOf<typeof fails>, boolean | null>>()
sure<Equal<LabelColumnsOf<typeof fails>, { readonly fails: boolean | null }>>()
const kind = label('class', { of: meter, value: nextKind(readings, 'state').within('48h') })
sure<Equal<LabelOf<typeof kind>, 'on' | 'off' | 'none' | null>>()
const life = label('life', { of: meter, value: timeTo(readings).within('30d') })
sure<Equal<LabelColumnsOf<typeof life>, { readonly life: number | null; readonly life_observed: boolean | null }>>()
const days = label('next', { of: site, from: readings, value: (f) => f.sum('value').ahead('1d').steps(3) })
sure<Equal<LabelOf<typeof days>, number | null>>()
sure<
  Equal<
    LabelColumnsOf<typeof days>,
    { readonly next_1: number | null; readonly next_2: number | null; readonly next_3: number | null }
  >
>()
const states = label('state', { of: meter, from: readings, value: (f) => f.last('state').ahead('1h').steps(1) })
sure<Equal<LabelColumnsOf<typeof states>, { readonly state_1: 'on' | 'off' | null }>>()

// definitions made at run time have wide types
const name: string = 'dynamic'
const dynamic = featureView(name, {
  of: site,
  from: readings,
  every: '1d',
  features: (f) => Object.fromEntries(['a', 'b'].map((key) => [key, f.count().lifetime()])),
})
sure<Equal<FeaturesOf<typeof dynamic>[string], number>>()
