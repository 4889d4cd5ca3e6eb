import { expectAggregate } from './aggregates.ts'

expectAggregate('mostFrequent', (f, { length, shift, rows }) => ({
  c: f.mostFrequent('c').over(length),
  before: f.mostFrequent('c').over(length).shift(shift),
  ever: f
    .mostFrequent('x')
    .where((r) => r.n.ge(0))
    .lifetime(),
  recent: f.mostFrequent('n').overLast(rows),
  total: f.sum('n').over(length),
  middle: f.median('x').over(length),
}))
