import { expectAggregate } from './aggregates.ts'

expectAggregate('pivots and series', (f, { length, shift }) => ({
  x: f.sum('x').by('c', ['a'], { rest: true }).over(length),
  newest: f.last('c').by('n', { none: 0 }).lifetime(),
  days: f.max('x').by('c', ['a']).overDays(1, 3),
  counts: f.count().by('c', ['b']).over('6h').shift(shift).series(2),
}))
