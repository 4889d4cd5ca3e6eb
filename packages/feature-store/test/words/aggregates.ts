import fc from 'fast-check'
import { z } from 'zod'
import { entity, fact, featureView, type AggregateBuilder, type Duration, type Features } from '../../src/index.ts'
import type { Row } from '../oracle/row.ts'
import { expectWord, type Mart } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 25) * 1000
const TABLE = 'mart.word_readings'

const meter = entity('meter', { meter: z.string() })
const columns = {
  meter: z.string(),
  ts: z.date(),
  arrived: z.date(),
  seq: z.int().nullable(),
  x: z.number().nullable(),
  n: z.int(),
  c: z.enum(['a', 'b', 'c']).nullable(),
}
const source = { columns, entities: [meter], eventTime: 'ts' } as const
const facts = {
  plain: fact(TABLE, source),
  sequenced: fact(TABLE, { ...source, sequence: 'seq' }),
  late: fact(TABLE, { ...source, sequence: 'seq', knownAt: 'arrived' }),
}

const pick = <const V>(...values: readonly V[]): fc.Arbitrary<V> => fc.constantFrom(...values)

/** Few times and few values, so that events tie and values occur as often as others. */
const time = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 * 10 }).map((i) => START + i * 6 * HOUR) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 86_400 * 10 }).map((s) => START + s * 1_000_000 + 1) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1000 }).map((day) => START - day * DAY) },
)
const event = (x: fc.Arbitrary<number>): fc.Arbitrary<Row> =>
  fc
    .record({
      meter: pick('a', 'b'),
      ts: time,
      late: pick(0, 0, HOUR, 30 * HOUR, 90 * 60_000_000 + 1, -HOUR, null),
      seq: pick(0, 1, 2, null),
      x: fc.oneof({ weight: 8, arbitrary: x }, { weight: 1, arbitrary: pick(null, Number.NaN, Infinity) }),
      n: fc.integer({ min: -2, max: 2 }),
      c: pick('a', 'b', 'c', null),
    })
    .map(({ late, ...row }) => ({ ...row, arrived: late === null ? null : row.ts + late }))
const martOf = (x: fc.Arbitrary<number>): fc.Arbitrary<Mart> =>
  fc.record({ [TABLE]: fc.array(event(x), { minLength: 1, maxLength: 24 }) })

const small = fc.oneof(
  pick(0, 1, 2, 2.5, -1),
  fc.integer({ min: -500, max: 500 }).map((i) => i / 100),
)

export interface Windows {
  readonly length: Duration
  readonly shift: Duration
  readonly rows: number
}
type Reading = typeof facts.plain extends { readonly '~row'?: infer R } ? R : never

/** Random marts of one fact, on grids of two zones, with arrival times and delays or without. */
export function expectAggregate(
  name: string,
  features: (f: AggregateBuilder<Reading>, windows: Windows) => Readonly<Record<string, Features<unknown, string>>>,
  x = small,
): void {
  expectWord(name, {
    tables: {
      [TABLE]: {
        meter: 'text',
        ts: 'timestamp',
        arrived: 'timestamp',
        seq: 'bigint',
        x: 'double',
        n: 'bigint',
        c: 'text',
      },
    },
    meters: ['meter'],
    marts: martOf(x),
    views: fc
      .record({
        from: pick('plain', 'sequenced', 'late', 'late'),
        every: pick('12h', '1d'),
        delay: pick('0h', '90m', '6h'),
        zone: pick('UTC', 'Europe/Zurich'),
        length: pick<Duration>('6h', '1d', '3d'),
        shift: pick<Duration>('6h', '1d', '2d'),
        rows: fc.integer({ min: 1, max: 5 }),
      })
      .map(({ from, every, delay, zone, ...windows }) =>
        featureView('word', {
          of: meter,
          from: facts[from],
          every,
          delay,
          zone,
          features: (f) => ({ ...features(f, windows) }),
        }),
      ),
    range: { from: START + 5 * DAY, to: START + 10 * DAY },
  })
}
