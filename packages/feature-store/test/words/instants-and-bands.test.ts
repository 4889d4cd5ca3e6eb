import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDuckDb, sql } from '@martlet/warehouse'
import { bands, compileViewRows, dayStart, days, dimension, entity, fact, featureView, T } from '../../src/index.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 26) * 1000

const meter = entity('meter', { meter: z.string() })
const visits = fact('mart.visits', {
  columns: {
    meter: z.string(),
    ts: z.date(),
    next: z.date().nullable(),
    due: z.iso.date().nullable(),
    kwh: z.number(),
  },
  entities: [meter],
  eventTime: 'ts',
})
const contracts = dimension('mart.contracts', {
  columns: { meter: z.string(), ends: z.iso.date().nullable(), valid_from: z.date() },
  entity: meter,
  validFrom: 'valid_from',
})

const view = (zone: string) =>
  featureView('word', {
    of: meter,
    from: visits,
    every: '6h',
    zone,
    features: (f) => ({
      next: f.last('next'),
      due: f.last('due'),
      ends: f.attribute(contracts, 'ends'),
      kwh: f.sum('kwh').over('2d'),
      planned: f
        .count()
        .where((r) => dayStart(r.due, 'Europe/Zurich').gt(r.ts).or(days(r.ts, r.next).gt(1)))
        .over('2d'),
    }),
    derive: (v) => ({
      to_next: days(T, v.next),
      to_due: days(T, v.due),
      overdue: dayStart(v.due).lt(T),
      left: days(v.due, v.ends),
      since_new_year: days('2024-01-01', T),
      soon: v.next.lt(T).or(days(T, v.next).le(1)),
      tier: bands(v.kwh_2d, { low: 0, medium: 3, high: 9.5 }),
    }),
  })

const day = fc.integer({ min: 0, max: 14 }).map((i) => START / DAY + i - 3)
const hour = fc.integer({ min: 0, max: 8 * 24 }).map((i) => START + i * HOUR)
const optional = <V>(some: fc.Arbitrary<V>): fc.Arbitrary<V | null> => fc.option(some, { freq: 5 })
const mart = fc.record({
  'mart.visits': fc.array(
    fc.record({
      meter: fc.constantFrom('a', 'b'),
      ts: hour,
      next: optional(hour),
      due: optional(day),
      kwh: fc.integer({ min: -8, max: 40 }).map((i) => i / 4),
    }),
    { minLength: 1, maxLength: 10 },
  ),
  'mart.contracts': fc.array(fc.record({ meter: fc.constantFrom('a', 'b'), ends: optional(day), valid_from: hour }), {
    maxLength: 4,
  }),
})

expectWord('instants, dates, T and bands', {
  tables: {
    'mart.visits': { meter: 'text', ts: 'timestamp', next: 'timestamp', due: 'date', kwh: 'double' },
    'mart.contracts': { meter: 'text', ends: 'date', valid_from: 'timestamp' },
  },
  meters: ['meter'],
  marts: mart,
  // Beirut skips midnight on 2024-03-31, and Zurich two hours later an hour of the night.
  views: fc.constantFrom('UTC', 'Europe/Zurich', 'Asia/Beirut', 'America/New_York').map(view),
  range: { from: START + 2 * DAY, to: START + 7 * DAY },
})

test('the values by hand', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.visits AS SELECT 'm' AS meter, TIMESTAMP '2024-03-30 12:00' AS ts,
      TIMESTAMP '2024-04-02 12:00' AS next, DATE '2024-04-01' AS due, 3.0::DOUBLE AS kwh
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.contracts AS SELECT 'm' AS meter, DATE '2024-04-03' AS ends, TIMESTAMP '2024-01-01' AS valid_from
  `)
  const from = BigInt(Date.UTC(2024, 2, 31, 22)) * 1000n
  const rows = await warehouse.session(async (session) => {
    const { prepare, query } = compileViewRows(session, view('Europe/Zurich').plan, { from, to: from + 1n })
    for (const statement of prepare) await session.run(statement)
    return rowsOf(await session.read(query))
  })
  // T is the local midnight of 2024-04-01, which is 22:00 in UTC.
  expect(rows[0]).toMatchObject({
    to_next: 38 / 24,
    to_due: 0,
    overdue: false,
    left: 2,
    since_new_year: 91 - 1 / 24,
    soon: false,
    tier: 'medium',
    planned_2d: 1,
  })
})
