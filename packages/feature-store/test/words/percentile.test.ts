import fc from 'fast-check'
import { expectAggregate } from './aggregates.ts'

const extreme = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 2.5, -1) },
  { weight: 3, arbitrary: fc.integer({ min: -500, max: 500 }).map((i) => i / 100) },
  { weight: 1, arbitrary: fc.constantFrom(1e17, -9999, 1.5e308, -1.5e308, 1e-300) },
)

expectAggregate(
  'percentile and median',
  (f, { length, shift, rows }) => ({
    high: f.percentile('x', 0.9).over(length),
    low: f
      .percentile('x', 0.29)
      .where((r) => r.n.gt(0))
      .lifetime(),
    before: f.percentile('x', 0.1).over(length).shift(shift),
    middle: f.median('x').overLast(rows),
    whole: f.median('n').over(length),
  }),
  extreme,
)
