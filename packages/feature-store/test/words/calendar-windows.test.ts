import fc from 'fast-check'
import { z } from 'zod'
import { entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR

const meter = entity('meter', { meter: z.string() })
const columns = { meter: z.string(), ts: z.date(), arrived: z.date().nullable(), x: z.number().nullable() }
const readings = fact('mart.local_readings', { columns, entities: [meter], eventTime: 'ts' })
const late = fact('mart.local_readings', { columns, entities: [meter], eventTime: 'ts', knownAt: 'arrived' })

const reading = (start: number) =>
  fc
    .record({
      meter: fc.constantFrom('a', 'b'),
      ts: fc.oneof(
        fc.integer({ min: 0, max: 8 * 24 }).map((i) => start + i * HOUR),
        fc.integer({ min: 0, max: 8 * 24 * 4 }).map((i) => start + (i * HOUR) / 4 - 1),
      ),
      wait: fc.constantFrom(0, HOUR, 30 * HOUR, null),
      x: fc.option(
        fc.integer({ min: -40, max: 40 }).map((i) => i / 8),
        { freq: 6 },
      ),
    })
    .map(({ wait, ...row }) => ({ ...row, arrived: wait === null ? null : row.ts + wait }))

/** Days of 23 and 25 hours, midnights that are missing or there twice, a skipped day, ends of months, quarters and years. */
const PLACES: readonly (readonly [zone: string, from: string, marts: number])[] = [
  ['UTC', '2023-12-28', 20],
  ['Europe/Zurich', '2024-03-28', 60],
  ['Europe/Zurich', '2024-10-24', 40],
  ['America/Havana', '2023-11-01', 40],
  ['Pacific/Apia', '2011-12-27', 20],
  ['Australia/Lord_Howe', '2024-04-03', 20],
]

for (const [zone, day, marts] of PLACES) {
  const start = Date.parse(day) * 1000
  expectWord(
    `windows of the calendar of ${zone} from ${day}`,
    {
      tables: { 'mart.local_readings': { meter: 'text', ts: 'timestamp', arrived: 'timestamp', x: 'double' } },
      meters: ['meter'],
      marts: fc.record({ 'mart.local_readings': fc.array(reading(start), { minLength: 1, maxLength: 24 }) }),
      views: fc
        .record({
          every: fc.constantFrom('1d', '1d', '6h', '2d'),
          delay: fc.constantFrom('0h', '6h'),
          from: fc.constantFrom(readings, late),
          shift: fc.constantFrom(1, 2),
        })
        .map(({ every, delay, from, shift }) =>
          featureView('word', {
            of: meter,
            from,
            every,
            delay,
            zone,
            features: (f) => ({
              sum: f.sum('x').overDays(1, 3),
              before: f.count().overDays(2).shift(shift),
              last: f.last('x').overWeeks(1),
              spread: f.stddev('x').overMonths(1),
              kinds: f.distinct('x').overDays(2),
              sofar: f.max('x').toDate('week', 'month'),
              past: f
                .mean('x')
                .where((row) => row.x.gt(-2))
                .previous('week', 'quarter', 'year'),
              fixed: f.sum('x').over('1d'),
            }),
          }),
        ),
      range: { from: start + 2 * DAY, to: start + 9 * DAY },
    },
    marts,
  )
}
