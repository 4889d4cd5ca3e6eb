import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDuckDb, sql } from '@martlet/warehouse'
import {
  checkView,
  compileViewRows,
  dimension,
  entity,
  fact,
  featureView,
  findingText,
  lookupTable,
  type AnyFeatureView,
} from '../../src/index.ts'
import { rowsOf } from '../oracle/mart-tables.ts'
import { expectWord } from './expect-word.ts'

const HOUR = 3_600_000_000
const DAY = 24 * HOUR
const START = Date.UTC(2024, 2, 26) * 1000

const meter = entity('meter', { meter: z.string() })
const columns = { meter: z.string(), ts: z.date(), arrived: z.date(), kwh: z.number() }
const usage = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts' })
const late = fact('mart.usage', { columns, entities: [meter], eventTime: 'ts', knownAt: 'arrived' })
const contracts = dimension('mart.contracts', {
  columns: { meter: z.string(), tariff: z.string(), valid_from: z.date() },
  entity: meter,
  validFrom: 'valid_from',
})
const dayColumns = { day: z.iso.date().nullable(), name: z.string().nullable(), seq: z.int(), published: z.date() }
const holidays = lookupTable('mart.days', { columns: dayColumns, day: 'day', knownAhead: true })
const weather = lookupTable('mart.days', { columns: dayColumns, day: 'day', knownAt: 'published', sequence: 'seq' })
const seen = lookupTable('mart.days', { columns: dayColumns, day: 'day' })
const priceColumns = { since: z.date(), until: z.date().nullable(), price: z.number(), published: z.date() }
const steps = lookupTable('mart.prices', { columns: priceColumns, validFrom: 'since', knownAhead: true })
const prices = lookupTable('mart.prices', {
  columns: priceColumns,
  validFrom: 'since',
  validTo: 'until',
  knownAt: 'published',
})

interface Choice {
  readonly zone: string
  readonly every: '6h' | '1d'
  readonly delay: '0h' | '6h'
  readonly from: 'fact' | 'late' | 'population' | 'dimension'
}

function view({ zone, every, delay, from }: Choice): AnyFeatureView {
  if (from === 'dimension')
    return featureView('word', {
      of: meter,
      from: contracts,
      every,
      zone,
      delay,
      features: (f) => ({
        tariff: f.attribute('tariff'),
        holiday: f.lookup(holidays, 'name'),
        price: f.lookup(prices, 'price', { at: '+6h' }),
      }),
    })
  return featureView('word', {
    of: meter,
    from: from === 'late' ? late : usage,
    every,
    zone,
    delay,
    ...(from === 'population' ? { population: contracts } : {}),
    features: (f) => ({
      kwh: f.sum('kwh').over('2d'),
      holiday: f.lookup(holidays, 'name'),
      order: f.lookup(holidays, 'seq'),
      tomorrow: f.lookup(holidays, 'name', { at: '+1d' }),
      week_ago: f.lookup(holidays, 'name', { at: '-1w' }),
      forecast: f.lookup(weather, 'name', { at: '+1d' }),
      yesterday: f.lookup(seen, 'name', { at: '-1d' }),
      price: f.lookup(steps, 'price'),
      price_tomorrow: f.lookup(steps, 'price', { at: '+1d' }),
      price_before: f.lookup(prices, 'price', { at: '-1d' }),
      price_soon: f.lookup(prices, 'price', { at: '+6h' }),
    }),
    derive: (v) => ({ dearer: v.price_tomorrow.gt(v.price) }),
  })
}

const hour = fc.integer({ min: 0, max: 10 * 24 }).map((i) => START + i * HOUR)
const mart = fc.record({
  'mart.usage': fc.array(
    fc.record({
      meter: fc.constantFrom('a', 'b'),
      ts: hour,
      arrived: hour,
      kwh: fc.integer({ min: -8, max: 40 }).map((i) => i / 4),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  'mart.contracts': fc.array(
    fc.record({ meter: fc.constantFrom('a', 'b'), tariff: fc.constantFrom('flat', 'night'), valid_from: hour }),
    { maxLength: 3 },
  ),
  'mart.days': fc.array(
    fc.record({
      day: fc.option(
        fc.integer({ min: -6, max: 9 }).map((i) => START / DAY + i),
        { freq: 9 },
      ),
      name: fc.option(fc.constantFrom('new year', 'easter', 'none')),
      seq: fc.integer({ min: 0, max: 2 }),
      published: fc.integer({ min: -2, max: 8 * 4 }).map((i) => START + i * 6 * HOUR),
    }),
    { maxLength: 5 },
  ),
  'mart.prices': fc.array(
    fc
      .record({
        since: hour,
        length: fc.constantFrom(null, 6 * HOUR, DAY, 3 * DAY, 0, -DAY),
        price: fc.integer({ min: 0, max: 9 }).map((i) => i / 4),
        published: hour,
      })
      .map(({ length, ...row }) => ({ ...row, until: length === null ? null : row.since + length })),
    { maxLength: 2 },
  ),
})

expectWord('lookups of what holds for everybody', {
  tables: {
    'mart.usage': { meter: 'text', ts: 'timestamp', arrived: 'timestamp', kwh: 'double' },
    'mart.contracts': { meter: 'text', tariff: 'text', valid_from: 'timestamp' },
    'mart.days': { day: 'date', name: 'text', seq: 'bigint', published: 'timestamp' },
    'mart.prices': { since: 'timestamp', until: 'timestamp', price: 'double', published: 'timestamp' },
  },
  meters: ['meter'],
  together: 20,
  marts: mart,
  // Beirut skips midnight on 2024-03-31, and Zurich two hours later an hour of the night.
  views: fc
    .record({
      zone: fc.constantFrom('UTC', 'Europe/Zurich', 'Asia/Beirut', 'America/New_York'),
      every: fc.constantFrom('6h' as const, '1d' as const),
      delay: fc.constantFrom('0h' as const, '6h' as const),
      from: fc.constantFrom('fact' as const, 'late' as const, 'population' as const, 'dimension' as const),
    })
    .map(view),
  range: { from: START + 2 * DAY, to: START + 7 * DAY },
})

/** The rows of a calendar of Zurich, by the local time of T. */
async function calendarRows(everything: AnyFeatureView, from: number, to: number): Promise<readonly unknown[]> {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.days AS SELECT DATE '2024-03-29' + d::INTEGER AS day, 'day ' || (29 + d) AS name, 0 AS seq,
      TIMESTAMP '2024-03-29 12:00' AS published FROM range(5) r(d)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.prices AS SELECT TIMESTAMP '2024-03-29 23:00' + to_hours(i) AS since,
      TIMESTAMP '2024-03-30 00:00' + to_hours(i) AS until, i::DOUBLE AS price,
      TIMESTAMP '2024-03-29 13:00' + to_days((i / 24)::INTEGER) AS published FROM range(72) r(i)
  `)
  return await warehouse.session(async (session) => {
    const range = { from: BigInt(from) * 1000n, to: BigInt(to) * 1000n }
    const { prepare, query } = compileViewRows(session, everything.plan, range)
    for (const statement of prepare) await session.run(statement)
    return rowsOf(await session.read(sql`SELECT * FROM (${query}) q ORDER BY feature_time`))
  })
}

test('a shift over a change of clocks means the same local day, by hand', async () => {
  const calendar = featureView('calendar', {
    every: '1d',
    zone: 'Europe/Zurich',
    features: (f) => ({
      today: f.lookup(holidays, 'name'),
      tomorrow: f.lookup(holidays, 'name', { at: '+1d' }),
      yesterday: f.lookup(holidays, 'name', { at: '-1d' }),
      price: f.lookup(steps, 'price', { at: '+1d' }),
      fixed: f.lookup(steps, 'price', { at: '+24h' }),
    }),
  })
  // Local midnights of March 30 to April 1: 23:00, 23:00 and 22:00 of the days before in UTC.
  const rows = await calendarRows(calendar, Date.UTC(2024, 2, 29, 12), Date.UTC(2024, 3, 1))
  expect(rows).toMatchObject([
    { today: 'day 30', tomorrow: 'day 31', yesterday: 'day 29', price: 24, fixed: 24 },
    // March 31 has 23 hours, so the next local midnight is 23 hours away, the price number 47.
    { today: 'day 31', tomorrow: 'day 32', yesterday: 'day 30', price: 47, fixed: 48 },
    { today: 'day 32', tomorrow: 'day 33', yesterday: 'day 31', price: 71, fixed: 71 },
  ])
})

test('what is not known by T + delay is not read, by hand', async () => {
  const view = (delay: '0h' | '13h') =>
    featureView('calendar', {
      every: '1d',
      delay,
      features: (f) => ({ price: f.lookup(prices, 'price', { at: '+1d' }) }),
    })
  const range = [Date.UTC(2024, 2, 30), Date.UTC(2024, 2, 30, 1)] as const
  // At midnight of March 30 the price of March 31, number 25, is published at 13:00 of March 30.
  expect(await calendarRows(view('0h'), ...range)).toMatchObject([{ price: null }])
  expect(await calendarRows(view('13h'), ...range)).toMatchObject([{ price: 25 }])
})

test('rows of lookup tables are checked like those of other sources', async () => {
  await using warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE SCHEMA mart`)
  await warehouse.run(sql`
    CREATE TABLE mart.days AS SELECT * FROM (VALUES (DATE '2024-03-29', 'easter', 0, TIMESTAMP '2024-01-01'),
      (DATE '2024-03-29', 'none', 0, TIMESTAMP '2024-01-02'), (NULL, 'none', 0, TIMESTAMP '2024-01-02')) v(day, name, seq, published)
  `)
  await warehouse.run(sql`
    CREATE TABLE mart.prices AS SELECT TIMESTAMP '2024-03-29' AS since, TIMESTAMP '2024-03-28' AS until, 1.0::DOUBLE AS price,
      TIMESTAMP '2024-03-27' AS published
  `)
  const calendar = featureView('calendar', {
    every: '1d',
    features: (f) => ({ holiday: f.lookup(holidays, 'name'), price: f.lookup(prices, 'price') }),
  })
  const { findings } = await checkView(warehouse, calendar, { from: null, to: null, now: BigInt(START) })
  expect(findings.map(findingText)).toEqual([
    'error mart.days.day: is null, so the row never counts in 1 of 3 rows',
    'warn mart.days: has the same day as another row in 1 of 2 rows, for example 2024-03-29',
    'warn mart.prices: ends (until) before or when it begins (since), so it never counts in 1 of 1 rows, for example ' +
      '2024-03-29 00:00:00 – 2024-03-28 00:00:00',
  ])
})
