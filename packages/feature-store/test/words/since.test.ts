import fc from 'fast-check'
import { z } from 'zod'
import { dimension, entity, event, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 28) * 1000

const meter = entity('meter', { meter: z.string() })
const columns = { meter: z.string(), ts: z.date(), arrived: z.date().nullable(), x: z.number().nullable() }
const readings = fact('mart.run_readings', { columns, entities: [meter], eventTime: 'ts' })
const lateReadings = fact('mart.run_readings', { columns, entities: [meter], eventTime: 'ts', knownAt: 'arrived' })
const visit = { meter: z.string(), at: z.date(), told: z.date().nullable(), kind: z.string().nullable() }
const visits = fact('mart.visits', { columns: visit, entities: [meter], eventTime: 'at' })
const lateVisits = fact('mart.visits', { columns: visit, entities: [meter], eventTime: 'at', knownAt: 'told' })
const meters = dimension('mart.run_meters', {
  columns: { meter: z.string(), from: z.date() },
  entity: meter,
  validFrom: 'from',
})

const hours = (days: number) => fc.integer({ min: 0, max: days * 4 }).map((i) => START + i * 6 * HOUR)
const late = fc.constantFrom(0, 0, HOUR, 30 * HOUR, -HOUR, null)
const named = fc.constantFrom('a', 'b', 'c')
const reading = fc
  .record({
    meter: fc.constantFrom('a', 'b'),
    ts: hours(8),
    late,
    x: fc.option(
      fc.integer({ min: -40, max: 40 }).map((i) => i / 8),
      { freq: 6 },
    ),
  })
  .map(({ late: by, ...row }) => ({ ...row, arrived: by === null ? null : row.ts + by }))
const visited = fc
  .record({ meter: named, at: hours(9), late, kind: fc.constantFrom('major', 'minor', null) })
  .map(({ late: by, ...row }) => ({ ...row, told: by === null ? null : row.at + by }))
const known = fc.record({ meter: named, from: hours(6) })

expectWord('since', {
  tables: {
    'mart.run_readings': { meter: 'text', ts: 'timestamp', arrived: 'timestamp', x: 'double' },
    'mart.visits': { meter: 'text', at: 'timestamp', told: 'timestamp', kind: 'text' },
    'mart.run_meters': { meter: 'text', from: 'timestamp' },
  },
  meters: ['meter'],
  marts: fc.record({
    'mart.run_readings': fc.array(reading, { minLength: 1, maxLength: 20 }),
    'mart.visits': fc.array(visited, { maxLength: 8 }),
    'mart.run_meters': fc.uniqueArray(known, { selector: (row) => row.meter }),
  }),
  views: fc
    .record({
      every: fc.constantFrom('1d', '1d', '12h'),
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      delay: fc.constantFrom('0h', '6h'),
      from: fc.constantFrom(readings, lateReadings),
      of: fc.constantFrom(visits, lateVisits),
      population: fc.boolean(),
    })
    .map(({ every, zone, delay, from, of, population }) => {
      const any = event('visit', of)
      const major = event('major', of, { where: (row) => row.kind.eq('major') })
      return featureView('word', {
        of: meter,
        from,
        every,
        zone,
        delay,
        ...(population ? { population: meters } : {}),
        features: (f) => ({
          sum: f.sum('x').since([any, major]),
          n: f
            .count()
            .where((row) => row.x.gt(0))
            .since(major),
          last: f.last('x').since(major),
          spread: f.stddev('x').since(any),
          all: f.count().since(major, { otherwise: 'lifetime' }),
          share: f.ratio(f.sum('x'), f.count()).since(any),
          fixed: f.sum('x').over('2d'),
          quiet: f.age(any),
          quiet_major: f.age(major),
        }),
      })
    }),
  range: { from: START + 2 * DAY, to: START + 8 * DAY },
})
