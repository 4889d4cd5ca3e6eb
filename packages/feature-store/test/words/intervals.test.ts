import fc from 'fast-check'
import { z } from 'zod'
import { entity, event, fact, featureView, intervals } from '../../src/index.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000
const TABLE = 'mart.word_sessions'

const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  began: z.date(),
  ended: z.date().nullable(),
  arrived: z.date().nullable(),
  kwh: z.number().nullable(),
  plug: z.enum(['ac', 'dc']).nullable(),
}
const source = { columns, entities: [meter], start: 'began', end: 'ended' } as const
const sessions = intervals(TABLE, source)
const lateSessions = intervals(TABLE, { ...source, knownAt: 'arrived' })
const resets = event(
  'reset',
  fact('mart.word_resets', { columns: { meter: z.string(), at: z.date() }, entities: [meter], eventTime: 'at' }),
)

// Half days, so that intervals often begin or end exactly at T, and touch each other.
const hours = (from: number, to: number) => fc.integer({ min: from * 2, max: to * 2 }).map((i) => START + i * (DAY / 2))
const session = fc
  .record({
    meter: fc.constantFrom('a', 'b'),
    began: fc.oneof(
      { weight: 5, arbitrary: hours(0, 10) },
      { weight: 2, arbitrary: fc.integer({ min: -2, max: 9 * 24 }).map((i) => START + i * HOUR + 1) },
      { weight: 1, arbitrary: hours(-60, 0) },
    ),
    lasts: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -1, max: 12 }).map((i) => i * (DAY / 2)) },
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 90 }).map((i) => i * HOUR + 7) },
      { weight: 2, arbitrary: fc.constantFrom(null, 90 * DAY, 0) },
    ),
    late: fc.constantFrom(0, 0, HOUR, 30 * HOUR, null),
    kwh: fc.option(
      fc.integer({ min: -40, max: 80 }).map((i) => i / 8),
      { freq: 8 },
    ),
    plug: fc.constantFrom('ac', 'dc', null),
  })
  .map(({ lasts, late, ...row }) => ({
    ...row,
    ended: lasts === null ? null : row.began + lasts,
    arrived: late === null ? null : row.began + late,
  }))

const frame = fc
  .record({
    zone: fc.constantFrom('UTC', 'Europe/Zurich'),
    every: fc.constantFrom('1d', '12h'),
    delay: fc.constantFrom('0h', '6h'),
    late: fc.boolean(),
  })
  .map(({ late, ...times }) => ({
    ...times,
    of: meter,
    from: (late ? lateSessions : sessions).with((r) => ({ large: r.kwh.gt(2) })),
  }))
const length = fc.constantFrom('1d', '3d', '6h')

/** Windows of a bounded time, which only intervals that reach into them can cover. */
const near = fc.tuple(frame, length).map(([given, window]) =>
  featureView('word', {
    ...given,
    features: (f) => ({
      busy: f.overlap().over(window),
      used: f.overlap({ union: true }).over(window),
      before: f.overlap().over('1d').shift('2d'),
      days: f.overlap({ union: true }).overDays(2),
      month: f.overlap().toDate('month'),
      large: f
        .overlap({ union: true })
        .where((r) => r.large.or(r.plug.eq('dc')))
        .over('3d'),
      by: f.overlap().by('plug').over('3d'),
      n: f.count().open(),
      plugs: f.distinct('plug').open(),
      newest: f.last('kwh').open(),
      begun: f.count().over(window),
    }),
  }),
)

const far = fc.tuple(frame, length).map(([given, window]) =>
  featureView('word', {
    ...given,
    features: (f) => ({
      used: f.overlap({ union: true }).over(window),
      ever: f.overlap({ union: true }).lifetime(),
      since: f.overlap().since(resets),
      all: f.overlap({ union: true }).since(resets, { otherwise: 'lifetime' }),
      kwh: f.sum('kwh').open(),
      often: f.mostFrequent('plug').open(),
      middle: f.median('kwh').open(),
      open: f
        .count()
        .where((r) => r.large)
        .by('plug')
        .open(),
      sum: f.sum('kwh').over('3d'),
      age: f.age(),
    }),
  }),
)

expectWord('intervals', {
  tables: {
    [TABLE]: {
      meter: 'text',
      began: 'timestamp',
      ended: 'timestamp',
      arrived: 'timestamp',
      kwh: 'double',
      plug: 'text',
    },
    'mart.word_resets': { meter: 'text', at: 'timestamp' },
  },
  meters: ['meter'],
  marts: fc.record({
    [TABLE]: fc.array(session, { minLength: 1, maxLength: 16 }),
    'mart.word_resets': fc.array(fc.record({ meter: fc.constantFrom('a', 'b'), at: hours(0, 9) }), { maxLength: 4 }),
  }),
  views: fc.oneof(near, far),
  together: 40,
  range: { from: START + 3 * DAY, to: START + 10 * DAY },
})
