import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { event, fact, featureView, type Fact, type FactBuilder } from '@martlet/feature-store'
import { member, refusal, untyped } from './invalid.ts'
import { currentProfiles, customer, places, profiles, scores, site, usage } from './marts.ts'

const hour = 3_600_000_000
const inspection = event(
  'inspection',
  fact('mart.inspections', { columns: { site_id: z.int(), at: z.date() }, entities: [site], eventTime: 'at' }),
)
const base = { of: customer, from: usage, every: '1d' } as const
/** A word of `f` as callers without types may use it. */
type Untyped = (...given: readonly unknown[]) => { readonly lifetime: () => unknown }
type Builder = typeof usage extends Fact<infer R, infer E> ? FactBuilder<R, E> : never

describe('what a view refuses, naming view and feature', () => {
  const feature = (features: (f: Builder) => Record<string, unknown>) => () => featureView('v', { ...base, features })
  const timing = (spec: object) => () =>
    featureView('v', { ...base, ...spec, features: (f) => ({ n: f.count().lifetime() }) })
  const cases: [string, () => unknown, string][] = [
    [
      'a name that is not lower_snake',
      () => featureView(untyped('My-View'), { ...base, features: (f) => ({ n: f.count().lifetime() }) }),
      "view 'My-View': the name 'My-View' is not lower_snake",
    ],
    [
      'a name with two underscores in a row',
      () => featureView('a__b', { ...base, features: (f) => ({ n: f.count().lifetime() }) }),
      "view 'a__b'",
    ],
    [
      'a feature name that is not lower_snake',
      feature((f) => ({ Kwh: f.age() })),
      "view 'v', feature 'Kwh': the name 'Kwh' is not lower_snake",
    ],
    [
      'names that collide',
      feature((f) => ({ kwh: f.sum('kwh').over('1d'), kwh_1d: f.age() })),
      "view 'v': two features are named 'kwh_1d'",
    ],
    [
      'a key column as name',
      feature((f) => ({ customer_id: f.age() })),
      "view 'v', feature 'customer_id': a key column of entity 'customer' has the same name",
    ],
    [
      'feature_time',
      feature((f) => ({ feature_time: f.age() })),
      "view 'v', feature 'feature_time': the name 'feature_time' is reserved",
    ],
    ['run_id', feature((f) => ({ run_id: f.age() })), "view 'v', feature 'run_id': the name 'run_id' is reserved"],
    [
      'an unknown column',
      feature((f) => ({ x: f.sum(untyped('kw')).over('1d') })),
      "view 'v', feature 'x': this fact has no column 'kw'; it has customer_id, ts",
    ],
    [
      'a sum of texts',
      feature((f) => ({ x: f.sum(untyped('tariff')).over('1d') })),
      "column 'tariff' of this fact is not a number but text, so it cannot be summed",
    ],
    [
      'a maximum of booleans',
      feature((f) => ({ x: f.max(untyped('paid')).over('1d') })),
      "column 'paid' of this fact is a boolean, so it has no maximum",
    ],
    [
      'a percentile beyond 1',
      feature((f) => ({ x: f.percentile('kwh', untyped(90)).over('1d') })),
      "view 'v', feature 'x': a percentile is a share from 0 to 1, such as 0.9, and not 90",
    ],
    [
      'a percentile without its share',
      feature((f) => ({ x: f.percentile('kwh', untyped(undefined)).over('1d') })),
      'a percentile is a share from 0 to 1, such as 0.9, and not undefined',
    ],
    [
      'a median of texts',
      feature((f) => ({ x: f.median(untyped('tariff')).over('1d') })),
      "column 'tariff' of this fact is not a number but text, so it has no median",
    ],
    [
      'an approximate sum',
      feature((f) => ({ x: (member(f, 'sum') as Untyped)('kwh', { approximate: true }).lifetime() })),
      "view 'v', feature 'x': sum has no approximate form",
    ],
    [
      'a sum of nothing',
      feature((f) => ({ x: (member(f, 'sum') as Untyped)().lifetime() })),
      "view 'v', feature 'x': sum is of a column of the fact",
    ],
    [
      'the most frequent value of an unknown column',
      feature((f) => ({ x: f.mostFrequent(untyped('tarif')).over('1d') })),
      "view 'v', feature 'x': this fact has no column 'tarif'",
    ],
    [
      'a ratio of most frequent values',
      feature((f) => ({ x: f.ratio(untyped(f.mostFrequent('kwh')), f.count()).over('1d') })),
      'a ratio is of two sums, counts or distinct counts, not of mostFrequent',
    ],
    [
      'any of a column',
      feature((f) => ({ x: f.any(untyped('paid')).over('1d') })),
      "view 'v', feature 'x': any takes a condition, like f.any((row) => row.kwh.gt(0))",
    ],
    [
      'all of a number',
      feature((f) => ({ x: f.all((r) => untyped(r.kwh)).over('1d') })),
      "view 'v', feature 'x': its where must return a condition, like row.kwh.gt(0)",
    ],
    [
      'a ratio of truths',
      feature((f) => ({ x: f.ratio(untyped(f.any((r) => r.paid)), f.count()).over('1d') })),
      'a ratio is of two sums, counts or distinct counts, not of any',
    ],
    [
      'a decayed sum without a half-life',
      feature((f) => ({ x: f.decayed('kwh', untyped(undefined)) })),
      "view 'v', feature 'x': decayed takes a half-life, like f.decayed('kwh', { halfLife: '7d' })",
    ],
    [
      'a half-life of zero',
      feature((f) => ({ x: f.decayed('kwh', { halfLife: '0d' }) })),
      "view 'v', feature 'x': half-life '0d' must be longer than zero",
    ],
    [
      'a half-life that is no duration',
      feature((f) => ({ x: f.decayed('kwh', { halfLife: untyped(7) }) })),
      "view 'v', feature 'x': half-life '7' is not a duration",
    ],
    [
      'a decayed sum of texts',
      feature((f) => ({ x: f.decayed(untyped('tariff'), { halfLife: '7d' }) })),
      "column 'tariff' of this fact is not a number but text, so it cannot be summed",
    ],
    [
      'a pivot over an unknown column',
      feature((f) => ({ x: f.sum('kwh').by(untyped('tarif')).over('1d') })),
      "view 'v', feature 'x': this fact has no column 'tarif'",
    ],
    [
      'a pivot over texts whose values are not named',
      feature((f) => ({ x: f.sum('kwh').by(untyped('note')).over('1d') })),
      "column 'note' of this fact is not an enum, so its values must be named: .by('note', ['a', 'b'])",
    ],
    [
      'a pivot of no value',
      feature((f) => ({ x: f.sum('kwh').by('note', []).over('1d') })),
      "view 'v', feature 'x': by('note') names no value",
    ],
    [
      'a pivot of a value that the enum lacks',
      feature((f) => ({
        x: f
          .sum('kwh')
          .by(untyped('tariff'), untyped(['night']))
          .over('1d'),
      })),
      "'night' is not a value of column 'tariff'; it has peak, off",
    ],
    [
      'a pivot of a value that makes no name',
      feature((f) => ({
        x: f
          .sum('kwh')
          .by(untyped('note'), untyped(['Web Shop']))
          .over('1d'),
      })),
      "value 'Web Shop' makes no lower_snake name; name it: .by('note', { name: 'Web Shop' })",
    ],
    [
      'a pivot of numbers without names',
      feature((f) => ({
        x: f
          .sum('kwh')
          .by(untyped('reads'), untyped([1]))
          .over('1d'),
      })),
      "1 is no name; name it: .by('reads', { name: 1 })",
    ],
    [
      'a pivot of a number over texts',
      feature((f) => ({
        x: f
          .sum('kwh')
          .by(untyped('note'), untyped({ one: 1 }))
          .over('1d'),
      })),
      "column 'note' is a text, so '1' is not a value of it",
    ],
    [
      'a pivot over dates',
      feature((f) => ({
        x: f
          .sum('kwh')
          .by(untyped('due'), untyped({ then: '2024-01-01' }))
          .over('1d'),
      })),
      "column 'due' is a date, so '2024-01-01' is not a value of it",
    ],
    [
      'a pivot of neither a list nor an object',
      feature((f) => ({ x: f.sum('kwh').by(untyped('note'), untyped('web')).over('1d') })),
      "by('note', …) takes a list of values, or an object of values by name",
    ],
    [
      'a pivot with two features of one name',
      feature((f) => ({ x: f.sum('kwh').by('note', ['rest'], { rest: true }).over('1d') })),
      "view 'v': two features are named 'x_rest_1d'",
    ],
    [
      'a series of half a window',
      feature((f) => ({ x: f.sum('kwh').over('1h').series(untyped(0.5)) })),
      "view 'v', feature 'x': a series has a whole number of windows, at least 1, and not 0.5",
    ],
    [
      'a series that is too long',
      feature((f) => ({ x: f.sum('kwh').over('1h').series(untyped(1000)) })),
      'a series has at most 999 windows, and not 1000',
    ],
    [
      'a ratio of means',
      feature((f) => ({ x: f.ratio(untyped(f.mean('kwh')), f.count()).over('1d') })),
      'a ratio is of two sums, counts or distinct counts, not of mean',
    ],
    [
      'a ratio of columns',
      feature((f) => ({ x: f.ratio(untyped('kwh'), untyped('cost')).over('1d') })),
      "view 'v': its features are wrong: a ratio is of two aggregates",
    ],
    [
      'an aggregate without a window',
      feature((f) => ({ x: f.sum('kwh') })),
      "view 'v', feature 'x': it is not a feature; an aggregate needs a window",
    ],
    [
      'a window of one and a half local days',
      feature((f) => ({ x: f.count().overDays(untyped(1.5)) })),
      "view 'v', feature 'x': overDays(1.5) must be a whole number of days, from 1 to 10000",
    ],
    [
      'a window of local weeks given as text',
      feature((f) => ({ x: f.count().overWeeks(untyped('2w')) })),
      "view 'v', feature 'x': overWeeks(2w) must be a whole number of weeks, from 1 to 10000",
    ],
    [
      'more local months than there can be',
      feature((f) => ({ x: f.count().overMonths(10_001) })),
      'overMonths(10001) must be a whole number of months, from 1 to 10000',
    ],
    [
      'the same local days twice',
      feature((f) => ({ x: f.count().overDays(7, untyped(7)) })),
      "view 'v', feature 'x': window 7 is named twice; name it once",
    ],
    [
      'a shift by no local day',
      feature((f) => ({ x: f.count().overDays(1).shift(untyped(0)) })),
      'shift(0) must be a whole number of days, from 1 to 10000',
    ],
    [
      'a fortnight to date',
      feature((f) => ({ x: f.count().toDate(untyped('fortnight')) })),
      "view 'v', feature 'x': there is no unit 'fortnight'; there are day, week, month, quarter, year",
    ],
    [
      'the previous decade',
      feature((f) => ({ x: f.count().previous(untyped('decade')) })),
      "there is no unit 'decade'",
    ],
    [
      'a day to date at midnights',
      feature((f) => ({ x: f.count().toDate('month', 'day') })),
      "view 'v', feature 'x_day_to_date': toDate('day') is always empty, because every feature time of this view is the " +
        'start of a day; use overDays(1) for the day before',
    ],
    [
      'a sum since an event of another entity',
      feature((f) => ({ x: untyped(f.sum('kwh').since(inspection)) })),
      "view 'v', feature 'x_since_inspection': event 'inspection' is of fact 'mart.inspections', which describes site, " +
        "not entity 'customer'",
    ],
    [
      'the age of an event of another entity',
      feature((f) => ({ x: f.age(untyped(inspection)) })),
      "view 'v', feature 'x': event 'inspection' is of fact 'mart.inspections', which describes site, not entity 'customer'",
    ],
    [
      'a sum since a fact',
      feature((f) => ({ x: f.sum('kwh').since(untyped(usage)) })),
      "view 'v', feature 'x': since() takes an event, like event('service', services)",
    ],
    [
      'a window since none of several events',
      feature((f) => ({ x: f.sum('kwh').since(untyped([])) })),
      "view 'v', feature 'x': since() names no event",
    ],
    [
      'the age of a fact',
      feature((f) => ({ x: f.age(untyped(usage)) })),
      "view 'v', feature 'x': age() takes an event, like event('service', services)",
    ],
    [
      'an event of a dimension',
      feature((f) => ({ x: f.sum('kwh').since(event('move', untyped(profiles))) })),
      "view 'v', feature 'x': event 'move' must be of a fact, like event('service', services)",
    ],
    [
      'an event whose name cannot end a name',
      feature((f) => ({ x: f.sum('kwh').since(event('Major service', usage)) })),
      "view 'v', feature 'x': the name of an event 'Major service' is not lower_snake",
    ],
    [
      'an event whose condition is no condition',
      feature((f) => ({ x: f.sum('kwh').since(event('read', usage, { where: untyped(() => 3) })) })),
      "view 'v', feature 'x': its where must return a condition",
    ],
    [
      'a sum since an event that is otherwise zero',
      feature((f) => ({ x: f.sum('kwh').since(event('read', usage), { otherwise: untyped('zero') }) })),
      "view 'v', feature 'x': otherwise 'zero' is not known; leave it out, or say 'lifetime'",
    ],
    [
      'a sum along a text',
      feature((f) => ({ x: f.sum('kwh').along(untyped('tariff'), 250) })),
      "view 'v', feature 'x': column 'tariff' of this fact is not a number but text, so it is no meter",
    ],
    [
      'a sum along a misspelt meter',
      feature((f) => ({ x: f.sum('kwh').along(untyped('kw'), 250) })),
      "view 'v', feature 'x': this fact has no column 'kw'",
    ],
    [
      'a sum along half a unit of a meter',
      feature((f) => ({ x: f.sum('kwh').along('reads', untyped(0.5)) })),
      "view 'v', feature 'x': along(…, 0.5) must be a whole distance of the meter, at least 1",
    ],
    [
      'a sum along no distance',
      feature((f) => ({ x: f.sum('kwh').along('reads', untyped('250 h')) })),
      'along(…, 250 h) must be a whole distance of the meter, at least 1',
    ],
    [
      'the same distance twice',
      feature((f) => ({ x: f.sum('kwh').along('reads', 250, untyped(250)) })),
      "view 'v', feature 'x': window 250 is named twice; name it once",
    ],
    [
      'a label as a feature',
      feature((f) => ({ x: f.sum('kwh').ahead('1d') })),
      "view 'v', feature 'x': it is not a feature",
    ],
    [
      'a window that is no duration',
      feature((f) => ({ x: f.count().over(untyped('7 days')) })),
      "view 'v', feature 'x': window '7 days' is not a duration",
    ],
    ['an empty window', feature((f) => ({ x: f.count().over('0d') })), "window '0d' must be longer than zero"],
    [
      'no window',
      feature((f) => ({ x: (f.count().over as () => unknown)() })),
      "view 'v', feature 'x': it names no window",
    ],
    [
      'a window with a dot',
      feature((f) => ({ x: f.count().over(untyped('1.5d')) })),
      "window '1.5d' would put a dot into a name; write it in a smaller unit",
    ],
    [
      'the same window twice',
      feature((f) => ({ x: f.count().over('7d', '1w') })),
      "windows '7d' and '1w' are equally long",
    ],
    [
      'a shift of zero',
      feature((f) => ({ x: f.count().over('1d').shift('0d') })),
      "shift '0d' must be longer than zero",
    ],
    ['half a row', feature((f) => ({ x: f.count().overLast(2.5) })), 'overLast(2.5) must be a whole number of rows'],
    [
      'the same number of rows twice',
      feature((f) => ({ x: f.count().overLast(5, 5) })),
      "windows '5' and '5' are equally long",
    ],
    [
      'an unknown calendar part',
      feature((f) => ({ x: f.calendar(untyped('weekday')) })),
      "view 'v', feature 'x': 'weekday' is not a calendar part; there are year",
    ],
    [
      'an attribute of another entity',
      feature((f) => ({ x: f.attribute(untyped(places), untyped('region')) })),
      "dimension 'mart.dim_site' describes entity 'site', not entity 'customer'",
    ],
    [
      'an attribute without history',
      feature((f) => ({ x: f.attribute(untyped(currentProfiles), 'tariff') })),
      "dimension 'mart.dim_customer_now' keeps no history, so 'tariff' leaks the present into the past",
    ],
    [
      'an unknown attribute',
      feature((f) => ({ x: f.attribute(profiles, untyped('colour')) })),
      "this dimension has no column 'colour'",
    ],
    ['no features', feature(() => ({})), "view 'v': it has no features"],
    [
      'too many features',
      feature((f) => Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`x${i}`, f.age()]))),
      'it has 1001 features; a view holds at most 1000',
    ],
    [
      'a derived feature over an unknown one',
      () =>
        featureView('v', {
          ...base,
          features: (f) => ({ n: f.count().lifetime() }),
          derive: (v) => ({ x: member(v, 'm') }),
        }),
      "view 'v': its derive is wrong: there is no feature 'm'; there are: n",
    ],
    [
      'a derived feature named like another',
      () =>
        featureView(untyped('v'), {
          ...base,
          features: (f) => ({ n: f.count().lifetime() }),
          derive: (v) => ({ n: v.n.add(1) }),
        }),
      "two features are named 'n'",
    ],
    [
      'a derived constant',
      () =>
        featureView('v', {
          ...base,
          features: (f) => ({ n: f.count().lifetime() }),
          derive: () => ({ x: untyped(3) }),
        }),
      "view 'v', feature 'x': it must be an expression over features",
    ],
    [
      'an every that does not fit into days',
      timing({ every: '5h' }),
      "every '5h' neither divides a day evenly nor is a whole number of days",
    ],
    ['an every of a day and a half', timing({ every: '36h' }), "every '36h' neither divides"],
    ['an every that is no duration', timing({ every: 'daily' }), "every 'daily' is not a duration"],
    ['an every finer than a microsecond', timing({ every: '0.00000000001m' }), 'is not a whole number of microseconds'],
    ['a negative delay', timing({ delay: '-6h' }), "delay '-6h' is not a duration"],
    [
      'a ttl shorter than delay + every',
      timing({ delay: '6h', ttl: '29h' }),
      "ttl '29h' is shorter than delay + every, the age that a row reaches before the next one serves, so rows " +
        "would be too old; make it at least '6h' + '1d'",
    ],
    ['an unknown zone', timing({ zone: 'Europe/Zürich' }), "zone 'Europe/Zürich' is not an IANA time zone"],
    [
      'a population of another entity',
      timing({ population: places }),
      "its population 'mart.dim_site' describes entity 'site', not entity 'customer'",
    ],
    [
      'an entity that the fact lacks',
      timing({ of: site }),
      "entity 'site' is not one that fact 'mart.usage' describes; it describes customer",
    ],
    [
      'a fact without an entity',
      timing({ of: undefined }),
      "it reads fact 'mart.usage', so it must say which entity it is of",
    ],
    ['an entity without a source', timing({ from: undefined }), 'it says of which entity but not from what'],
    [
      'a source of another kind',
      timing({ from: customer }),
      'from must be a fact, a dimension, a precomputed table or other views',
    ],
    [
      'a population of a dimension view',
      () =>
        featureView('v', {
          of: customer,
          from: profiles,
          every: '1d',
          population: profiles,
          features: (f) => ({ x: f.attribute('tariff') }),
        }),
      'only a view of a fact names a population; here the dimension decides',
    ],
    [
      'a picked feature that it lacks',
      () => featureView('v', { ...base, features: (f) => ({ n: f.count().lifetime() }) }).pick(untyped('m')),
      "view 'v', feature 'm': the view has no such feature to pick; it has n",
    ],
    [
      'a feature picked twice',
      () => featureView('v', { ...base, features: (f) => ({ n: f.count().lifetime() }) }).pick('n', 'n'),
      "two picked features are named 'n'",
    ],
    [
      'an unknown precomputed column',
      () =>
        featureView('v', {
          of: customer,
          from: scores,
          every: '1d',
          features: (f) => ({ x: f.column(untyped('nope')) }),
        }),
      "view 'v', feature 'x': this table has no column 'nope'",
    ],
  ]
  test.each(cases)('%s', (_, define, problem) => expect(refusal(define)).toContain(problem))

  test('a ttl of exactly delay + every serves every row', () => {
    expect(
      featureView('v', { ...base, delay: '6h', ttl: '30h', features: (f) => ({ n: f.count().lifetime() }) }).plan.ttl,
    ).toBe(30 * hour)
  })

  test.each(['1m', '5m', '15m', '1h', '8h', '1d', '2d', '1w', '1.5h', '0.5d'] as const)(
    'every %s is allowed',
    (every) => {
      expect(() => featureView('v', { ...base, every, features: (f) => ({ n: f.count().lifetime() }) })).not.toThrow()
    },
  )
})
