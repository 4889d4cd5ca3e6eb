import { expectAggregate } from './aggregates.ts'

// Overlapping rows: `all` over rows that have no value is not true, because a condition that is null is not met.
expectAggregate('any and all', (f, { length, shift, rows }) => ({
  some: f.any((r) => r.x.gt(1)).over(length),
  every: f.all((r) => r.x.gt(0)).over(length),
  before: f
    .all((r) => r.n.ge(0))
    .where((r) => r.c.eq('a'))
    .over(length)
    .shift(shift),
  ever: f
    .any((r) => r.c.isNull())
    .where((r) => r.n.gt(0))
    .lifetime(),
  always: f.all((r) => r.n.ge(-1)).lifetime(),
  recent: f.all((r) => r.n.ge(0)).overLast(rows),
  lately: f.any((r) => r.n.gt(1)).overLast(rows),
}))
