import fc from 'fast-check'
import { z } from 'zod'
import { entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000

const meter = entity('meter', { meter: z.string() })
const columns = { meter: z.string(), ts: z.date(), x: z.number().nullable(), y: z.number().nullable() }
const readings = fact('mart.word_readings', { columns, entities: [meter], eventTime: 'ts' })

const eighth = fc.integer({ min: -40, max: 40 }).map((i) => i / 8)
const reading = fc.record({
  meter: fc.constantFrom('a', 'b'),
  ts: fc.integer({ min: 0, max: 10 * 24 }).map((i) => START + i * HOUR),
  x: fc.option(eighth, { freq: 6 }),
  y: fc.option(eighth, { freq: 6 }),
})

expectWord('correlation', {
  tables: { 'mart.word_readings': { meter: 'text', ts: 'timestamp', x: 'double', y: 'double' } },
  meters: ['meter'],
  marts: fc.record({ 'mart.word_readings': fc.array(reading, { minLength: 1, maxLength: 24 }) }),
  views: fc
    .record({ length: fc.constantFrom('1d', '3d', '6h'), zone: fc.constantFrom('UTC', 'Europe/Zurich') })
    .map(({ length, zone }) =>
      featureView('word', {
        of: meter,
        from: readings,
        every: '1d',
        zone,
        features: (f) => ({
          xy: f.correlation('x', 'y').over(length),
          all: f.correlation('x', 'y').lifetime(),
          recent: f.correlation('x', 'y').overLast(4),
        }),
      }),
    ),
  range: { from: START + 3 * DAY, to: START + 10 * DAY },
})
