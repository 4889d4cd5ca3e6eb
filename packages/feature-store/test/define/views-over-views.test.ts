import { expect, test } from 'vitest'
import { bands, featureView, renamedFrom, T, type AnyFeatureView, type Duration } from '@martlet/feature-store'
import { viewed, type ViewedFeature } from '../../src/vocabulary/features/viewed.ts'
import { viewsOf } from '../../src/vocabulary/sources/list.ts'
import { viewHash } from '../../src/vocabulary/plan-hash.ts'
import { viewSources } from '../../src/vocabulary/view-sources.ts'
import { refusal, untyped } from './invalid.ts'
import { customer, places, profiles, scores, site, usage } from './marts.ts'

const daily = featureView('daily', {
  of: customer,
  from: usage,
  every: '1d',
  delay: '6h',
  ttl: '3d',
  features: (f) => ({ kwh: f.sum('kwh').over('1d', '7d'), peak: f.max('kwh').over('7d'), tariff: f.last('tariff') }),
  derive: (v) => ({ momentum: v.kwh_1d.div(v.kwh_7d) }),
})
const scored = featureView('scored', {
  of: customer,
  from: scores,
  every: '1d',
  features: (f) => ({ score: f.column('score') }),
})
const region = featureView('region', {
  of: site,
  from: places,
  every: '1d',
  features: (f) => ({ region: f.attribute('region') }),
})
const calendar = featureView('calendar', { every: '1d', features: (f) => ({ month: f.calendar('month') }) })
const base = { of: customer, every: '1d' } as const
const over = (from: unknown, features: unknown = () => ({ x: T })) =>
  featureView('v', untyped({ ...base, from, features }))

const cases: readonly (readonly [name: string, define: () => unknown, says: string])[] = [
  ['an empty list', () => over([]), "view 'v': from is an empty list; name at least one view"],
  [
    'a fact in a list',
    () => over([daily, usage]),
    "view 'v': a list in from can have feature views only; a fact or a dimension stands there alone",
  ],
  [
    'a view in a role',
    () => over([daily, scored.as('origin', { customer_id: 'origin_id' })]),
    "view 'v': 'origin' is view 'scored' in a role",
  ],
  ['the same view twice', () => over([daily, daily]), "view 'v': two views in from are named 'daily'"],
  [
    'views of two entities',
    () => over([daily, region]),
    "view 'v': view 'region' is of entity 'site', and view 'daily' of entity 'customer'; a view is over views of one entity",
  ],
  [
    'a calendar',
    () => over([daily, calendar]),
    "view 'v': view 'calendar' is a calendar, the same for everybody; take parts of T with f.calendar() instead",
  ],
  [
    'another entity',
    () => featureView('v', untyped({ of: site, from: daily, every: '1d', features: () => ({}) })),
    "view 'v': entity 'site' is not that of view 'daily', which is customer",
  ],
  [
    'no entity',
    () => featureView('v', untyped({ from: [daily, scored], every: '1d', features: () => ({}) })),
    "view 'v': it reads views 'daily', 'scored', so it must say which entity it is of",
  ],
  [
    'a population',
    () => featureView('v', untyped({ ...base, from: daily, population: profiles, features: () => ({ x: T }) })),
    "view 'v': only a view of a fact names a population; here those of the views decide",
  ],
  [
    'a feature that the view does not have',
    () => over(daily, (v: Readonly<Record<string, unknown>>) => ({ x: v['kwh_2d'] })),
    "there is no feature of the views that it reads 'kwh_2d'; there are: kwh_1d, kwh_7d, peak_7d, tariff, momentum",
  ],
  [
    'a feature without its view',
    () => over([daily, scored], (v: Readonly<Record<string, unknown>>) => ({ x: v['score'] })),
    "'score'; there are: daily__kwh_1d, daily__kwh_7d",
  ],
  [
    'a feature that was not picked',
    () => over(daily.pick('kwh_1d'), (v: Readonly<Record<string, unknown>>) => ({ x: v['kwh_7d'] })),
    "'kwh_7d'; there are: kwh_1d",
  ],
  ['a number instead of a feature', () => over(daily, () => ({ x: 1 })), "view 'v', feature 'x': it is not a feature"],
  ['no features', () => over(daily, () => ({})), "view 'v': it has no features"],
  [
    'itself, by another view of its name',
    () => {
      const tiers = featureView('tiers', { ...base, from: daily, features: (v) => ({ kwh: v.kwh_1d }) })
      return featureView('daily', { ...base, from: tiers, features: (v) => ({ kwh: v.kwh }) })
    },
    "view 'daily': it reads itself (daily → tiers → daily); rename one of these views",
  ],
  [
    'a ttl below the delay that it takes from the views',
    () => featureView('v', { ...base, from: daily, ttl: '1d', features: (v) => ({ x: v.kwh_1d }) }),
    "ttl '1d' is shorter than delay + every, the age that a row reaches before the next one serves, so rows would be too old; " +
      "make it at least '6h' + '1d'",
  ],
]
test.each(cases)('a view over views refuses %s', (_, define, says) => {
  expect(refusal(define)).toContain(says)
})

test('features of one view keep their names, types and nulls; those of several stand after their view and may be null', () => {
  const one = featureView('one', {
    ...base,
    from: daily,
    features: (v, f) => ({
      kwh: v.kwh_7d,
      peak: v.peak_7d,
      level: bands(v.kwh_7d, { low: 0, high: 9 }),
      now_on: f.attribute(profiles, 'tariff'),
      month: f.calendar('month'),
    }),
  })
  expect(one.plan.features.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
    ['kwh', 'double', false],
    ['peak', 'double', true],
    ['level', 'text', true],
    ['now_on', 'text', true],
    ['month', 'integer', false],
  ])
  const two = featureView('two', {
    ...base,
    from: [daily, scored],
    features: (v) => ({ kwh: v.daily__kwh_7d, score: v.scored__score }),
  })
  expect(two.plan.features.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['kwh', true],
    ['score', true],
  ])
  const [kwh] = two.plan.features
  expect(viewed.words(kwh as ViewedFeature)).toBe('daily__kwh_7d')
  expect(viewSources(two.plan).map(({ definition, source }) => [definition, source.table])).toEqual([
    ['view daily', 'mart.usage'],
    ['view scored', 'mart.scores'],
  ])
})

test('a feature over other views may have a default, which their rows do not see, as theirs are not seen here', () => {
  const { plan, defaults } = featureView('v', {
    ...base,
    from: daily.default({ peak_7d: 0 }),
    features: (v) => ({ peak: v.peak_7d.default(7), raw: v.peak_7d }),
  })
  expect(defaults).toEqual({ peak: 7 })
  expect(plan.features.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['peak', true],
    ['raw', true],
  ])
})

test('delay and repair are those of the views unless it says otherwise, and repair is never less', () => {
  const repaired = (repair?: Duration) =>
    featureView('repaired', {
      ...base,
      from: usage,
      delay: '2h',
      ...(repair === undefined ? {} : { repair }),
      features: (f) => ({ kwh: f.sum('kwh').over('1d') }),
    })
  const timing = (from: AnyFeatureView, more: object = {}) => {
    const { delay, repair } = featureView('v', untyped({ ...base, from, ...more, features: () => ({ x: T }) })).plan
    return [delay / 3_600_000_000, repair / 86_400_000_000]
  }
  expect(timing(repaired())).toEqual([2, 0])
  // A step more for the newest row of either.
  expect(timing(repaired('3d'))).toEqual([2, 5])
  expect(timing(repaired('3d'), { delay: '0h', repair: '9d' })).toEqual([0, 9])
  expect(timing(repaired('3d'), { repair: '1d' })).toEqual([2, 5])
  expect(timing(untyped([repaired('1d'), daily]))).toEqual([6, 3])
})

test('what changes values changes the hash, and what things are called does not', () => {
  const named = (name: string, kwh: string, more: object = {}) =>
    featureView(
      name,
      untyped({
        of: customer,
        from: usage,
        every: '1d',
        delay: '6h',
        features: (f: { readonly sum: (column: string) => { readonly over: (window: string) => never } }) => ({
          [kwh]: renamedFrom('before', f.sum('kwh').over('7d')),
        }),
        ...more,
      }),
    )
  const hashOf = (from: AnyFeatureView, column: string): string =>
    featureView('v', untyped({ ...base, from, features: (v: Readonly<Record<string, unknown>>) => ({ x: v[column] }) }))
      .plan.hash
  const hash = hashOf(named('usage', 'kwh'), 'kwh_7d')
  expect(hashOf(named('consumption', 'energy', { renamedFrom: 'usage', repair: '2d' }), 'energy_7d')).toBe(hash)
  const more = {
    derive: (v: Readonly<Record<string, { readonly mul: (n: number) => never }>>) => ({ twice: v['kwh_7d']?.mul(2) }),
  }
  expect(hashOf(named('usage', 'kwh', more), 'kwh_7d')).toBe(hash)
  expect(hashOf(named('usage', 'kwh', more), 'twice')).not.toBe(hash)
  for (const other of [{ every: '12h' }, { delay: '7h' }, { ttl: '9d' }, { population: profiles }])
    expect(hashOf(named('usage', 'kwh', other), 'kwh_7d')).not.toBe(hash)
  const { plan } = over([daily, scored], (v: Readonly<Record<string, unknown>>) => ({ x: v['daily__kwh_1d'] }))
  const source = viewsOf(plan.source)
  const turned = { ...plan, source: { ...source, views: source?.views.toReversed() ?? [] } }
  expect(viewHash(untyped(turned))).toBe(plan.hash)
})

test('a standing of a view that is read is named by what it is', () => {
  const ranked = (name: string) =>
    featureView('ranked', {
      ...base,
      from: usage,
      features: (f) => ({ kwh: f.sum('kwh').over('7d') }),
      among: (v, everybody) => untyped({ [name]: everybody.rank(v.kwh_7d) }),
    })
  const hashes = ['rank', 'standing'].map((name) => {
    const view = over(ranked(name), (v: Readonly<Record<string, unknown>>) => ({ x: v[name] }))
    return view.plan.hash
  })
  expect(new Set(hashes).size).toBe(1)
})

test('the expression of a feature reads columns of the views', () => {
  const { plan } = featureView('v', { ...base, from: daily, features: (v) => ({ x: v.kwh_1d.div(v.kwh_7d) }) })
  const [x] = plan.features
  expect(viewed.reads(x as ViewedFeature)).toEqual([
    { of: 'source', column: 'kwh_1d' },
    { of: 'source', column: 'kwh_7d' },
  ])
})
