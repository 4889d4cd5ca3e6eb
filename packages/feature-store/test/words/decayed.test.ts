import fc from 'fast-check'
import { expectAggregate } from './aggregates.ts'

const extreme = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 500 }).map((i) => i / 100) },
  { weight: 3, arbitrary: fc.integer({ min: -500, max: 500 }).map((i) => i / 100) },
  { weight: 1, arbitrary: fc.constantFrom(1e17, -9999, 1e300, -1e300, 1.5e308, 1e-300) },
)

// Events lie up to a thousand days before T, which is 24,000 of the shortest half-life.
expectAggregate(
  'decayed',
  (f, { length, rows }) => ({
    x: f.decayed('x', { halfLife: length }),
    hourly: f.decayed('x', { halfLife: '1h' }),
    slow: f.decayed('n', { halfLife: '365d' }),
    some: f.decayed('x', { halfLife: '7d' }).where((r) => r.n.gt(0)),
    recent: f.sum('n').overLast(rows),
    total: f.sum('n').over(length),
  }),
  extreme,
)
