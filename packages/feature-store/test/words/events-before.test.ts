import fc from 'fast-check'
import { z } from 'zod'
import { caseWhen, entity, fact, featureView } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000
const TABLE = 'mart.word_failures'

const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  ts: z.date(),
  seq: z.int(),
  km: z.number().nullable(),
  hours: z.int().nullable(),
  part: z.enum(['pump', 'belt']).nullable(),
}
const source = { columns, entities: [meter], eventTime: 'ts' } as const
const unordered = fact(TABLE, source)
const ordered = fact(TABLE, { ...source, sequence: 'seq' })

// Two days of half days, so that ties are common, and a long history before the first feature time.
const failure = fc.record({
  meter: fc.constantFrom('a', 'b'),
  ts: fc.oneof(
    fc.integer({ min: 0, max: 20 }).map((i) => START + i * (DAY / 2)),
    fc.integer({ min: 0, max: 10 * 24 }).map((i) => START + i * HOUR + 1),
    fc.integer({ min: 1, max: 40 }).map((i) => START - i * DAY),
  ),
  seq: fc.integer({ min: 0, max: 2 }),
  km: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 80 }).map((i) => i / 8) },
    { weight: 1, arbitrary: fc.constantFrom(null, Number.NaN, 1e200, -1e308, 1.5e308) },
  ),
  hours: fc.option(fc.integer({ min: -2, max: 900 }), { freq: 5 }),
  part: fc.constantFrom('pump', 'belt', null),
})

expectWord('events before', {
  tables: {
    [TABLE]: { meter: 'text', ts: 'timestamp', seq: 'bigint', km: 'double', hours: 'bigint', part: 'text' },
  },
  meters: ['meter'],
  marts: fc.record({ [TABLE]: fc.array(failure, { minLength: 1, maxLength: 24 }) }),
  views: fc
    .record({
      length: fc.constantFrom('1d', '3d', '6h'),
      zone: fc.constantFrom('UTC', 'Europe/Zurich'),
      sequence: fc.boolean(),
    })
    .map(({ length, zone, sequence }) =>
      featureView('word', {
        of: meter,
        from: (sequence ? ordered : unordered)
          .with((r) => ({ driven: r.increase('km'), gap: r.sincePrevious() }))
          .with((r) => ({ speed: r.driven.div(r.gap), drift: r.driven.sub(r.previous('driven')) })),
        every: '1d',
        zone,
        features: (f) => ({
          between: f.mean((r) => r.sincePrevious()).over(length),
          driven: f.sum('driven').over(length),
          worked: f.sum((r) => r.increase('hours')).over('3d'),
          speed: f.max('speed').over(length),
          drift: f.sum('drift').lifetime(),
          again: f
            .count()
            .where((r) => r.part.eq(r.previous('part')).and(r.gap.lt(2)))
            .over(length),
          before: f.last((r) => caseWhen(r.previous('hours').gt(100), 'old').otherwise(r.previous('part'))),
          recent: f
            .sum((r) => r.km.sub(r.previous('km')))
            .where((r) => r.part.eq('pump'))
            .overLast(3),
          moved: f.correlation('gap', (r) => r.increase('hours')).lifetime(),
          idle: f.age().where((r) => r.sincePrevious().gt(1)),
        }),
      }),
    ),
  range: { from: START + 3 * DAY, to: START + 10 * DAY },
})
