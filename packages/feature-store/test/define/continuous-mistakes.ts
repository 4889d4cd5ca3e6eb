import type { Mistake } from './compiler.ts'

const continuous = (more: string, features = `n: f.count().over('5m')`, from = 'usage') =>
  `featureView('bad', { of: customer, from: ${from}, every: 'continuous', ${more} features: (f) => ({ ${features} }) })`
const onGrid = (features: string) => continuous('', features)
const notContinuous = `view 'bad': feature 'x' cannot be continuous, which .over('1h') and .lifetime() can; use a view with a grid`

/** Wrong continuous views, and what the compiler must say about them. */
export const continuousMistakes: readonly Mistake[] = [
  [
    'a continuous view with a delay',
    continuous(`delay: '5m',`),
    'a row of a continuous view is of the instant that is asked for: it has no delay; for late facts declare knownAt',
  ],
  [
    'a continuous view with a ttl',
    continuous(`ttl: '1d',`),
    'a row of a continuous view is of the instant that is asked for, so it is never too old: it has no ttl',
  ],
  [
    'a continuous view with repair',
    continuous(`repair: '1d',`),
    'a continuous view counts a late fact from when it arrives: it has no repair',
  ],
  [
    'a continuous view with a zone',
    continuous(`zone: 'Europe/Zurich',`),
    'windows of a continuous view have fixed lengths: it has no zone; put local days into a view with a grid',
  ],
  [
    'a continuous view with a population',
    continuous('population: history,'),
    'whoever has a fact before t is in a continuous view: it has no population; use a view with a grid',
  ],
  [
    'ranks in a continuous view',
    `featureView('bad', { of: customer, from: usage, every: 'continuous', features: (f) => ({ n: f.count().over('5m') }),
      among: (v, everybody) => ({ place: everybody.rank(v.n_5m) }) })`,
    'rows of a continuous view are of different instants, so nobody stands among others; use a view with a grid',
  ],
  ['local days in a continuous view', onGrid(`x: f.count().overDays(1)`), notContinuous],
  ['the month so far in a continuous view', onGrid(`x: f.sum('kwh').toDate('month')`), notContinuous],
  ['the newest rows in a continuous view', onGrid(`x: f.sum('kwh').overLast(10)`), notContinuous],
  ['a shifted window in a continuous view', onGrid(`x: f.sum('kwh').over('1h').shift('1d')`), notContinuous],
  ['a series in a continuous view', onGrid(`x: f.sum('kwh').over('1h').series(24)`), notContinuous],
  ['a window since an event in a continuous view', onGrid(`x: f.sum('kwh').since(service)`), notContinuous],
  ['an attribute in a continuous view', onGrid(`x: f.attribute(history, 'tariff').default('none')`), notContinuous],
  [
    'a continuous view of a dimension',
    continuous('', `x: f.attribute('tariff')`, 'history'),
    `view 'bad' is continuous, so it is of a fact, whose events come at any time`,
  ],
  [
    'a continuous view over a view',
    `featureView('bad', { of: customer, from: use, every: 'continuous', features: (v) => ({ kwh: v.kwh_7d }) })`,
    `view 'bad' is continuous, so it is of a fact, whose events come at any time`,
  ],
  [
    'the clock of a view with a grid',
    `featureView('bad', { of: customer, from: usage, every: '1d', clock: 'wall', features: (f) => ({ n: f.count().over('1d') }) })`,
    `only a continuous view has a clock that closes its windows; write every: 'continuous', or drop clock`,
  ],
  ['an unknown clock', continuous(`clock: 'sun',`), `'"sun"' is not assignable to type 'WindowClock'`],
]
