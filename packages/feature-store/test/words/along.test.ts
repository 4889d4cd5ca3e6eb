import fc from 'fast-check'
import { z } from 'zod'
import { entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 28) * 1000

const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  ts: z.date(),
  arrived: z.date().nullable(),
  seq: z.int(),
  hours: z.number().nullable(),
  laps: z.int(),
  x: z.number().nullable(),
}
const runs = { columns, entities: [meter], eventTime: 'ts' } as const
const plain = fact('mart.engine_runs', runs)
const ordered = fact('mart.engine_runs', { ...runs, sequence: 'seq' })
const late = fact('mart.engine_runs', { ...runs, knownAt: 'arrived' })

/** Mostly counters that grow with time, and start anew now and then; all readings are eighths. */
const run = fc
  .record({
    meter: fc.constantFrom('a', 'b'),
    hour: fc.integer({ min: 0, max: 8 * 8 }),
    late: fc.constantFrom(0, HOUR, 30 * HOUR, null),
    seq: fc.integer({ min: 0, max: 2 }),
    slip: fc.constantFrom(0, 0, 0, 1, -3, 40),
    blank: fc.constantFrom(false, false, false, true),
    turn: fc.constantFrom(24, 64, 100),
    x: fc.option(
      fc.integer({ min: -40, max: 40 }).map((i) => i / 8),
      { freq: 6 },
    ),
  })
  .map(({ late: by, hour, slip, blank, turn, ...row }) => {
    const ts = START + hour * 3 * HOUR
    const counted = Math.max(0, (hour % turn) + slip)
    return {
      ...row,
      ts,
      arrived: by === null ? null : ts + by,
      hours: blank ? null : counted / 8,
      laps: counted,
    }
  })

expectWord('along', {
  tables: {
    'mart.engine_runs': {
      meter: 'text',
      ts: 'timestamp',
      arrived: 'timestamp',
      seq: 'bigint',
      hours: 'double',
      laps: 'bigint',
      x: 'double',
    },
  },
  meters: ['meter'],
  marts: fc.record({ 'mart.engine_runs': fc.array(run, { minLength: 1, maxLength: 24 }) }),
  views: fc
    .record({
      every: fc.constantFrom('1d', '1d', '12h'),
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      delay: fc.constantFrom('0h', '6h'),
      from: fc.constantFrom(plain, ordered, late),
    })
    .map(({ every, zone, delay, from }) =>
      featureView('word', {
        of: meter,
        from,
        every,
        zone,
        delay,
        features: (f) => ({
          sum: f.sum('x').along('hours', 1, 3),
          n: f
            .count()
            .where((row) => row.x.gt(0))
            .along('laps', 8),
          last: f.last('x').along('laps', 20),
          spread: f.stddev('x').along('hours', 4),
          share: f.ratio(f.sum('x'), f.count()).along('laps', 12),
          fixed: f.sum('x').over('2d'),
        }),
      }),
    ),
  range: { from: START + 2 * DAY, to: START + 8 * DAY },
})
