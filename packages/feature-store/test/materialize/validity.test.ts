import { rowsOf, sql, type Warehouse } from '@martlet/warehouse'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  buildTrainingSet,
  dimension,
  entity,
  fact,
  featureService,
  featureView,
  materialize,
  openOnlineReader,
  toMicros,
} from '../../src/index.ts'
import { openMemoryStore } from '../../src/online/memory/memory-store.ts'
import { inPlace } from './in-place.ts'

const customer = entity('customer', { customer_id: z.string() })
const usage = fact('mart.usage', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number() },
  entities: [customer],
  eventTime: 'ts',
})
const history = {
  customer_id: z.string(),
  city: z.string().nullable(),
  income: z.number(),
  valid_from: z.date(),
  valid_to: z.date().nullable(),
  seq: z.int(),
}
const places = dimension('mart.places', {
  columns: history,
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
})
const ordered = dimension('mart.places', {
  columns: history,
  entity: customer,
  validFrom: 'valid_from',
  validTo: 'valid_to',
  sequence: 'seq',
})
const { valid_from: _, valid_to: __, ...now } = history
const today = dimension('mart.today', { columns: now, entity: customer })
const orderedToday = dimension('mart.today', { columns: now, entity: customer, sequence: 'seq' })

type Interval = readonly [from: string, to: string | null, city: string | null, income?: number, seq?: number]

async function createMart(
  warehouse: Warehouse,
  intervals: readonly Interval[],
  rows: readonly (readonly [string | null, number, number])[] = [],
): Promise<void> {
  await warehouse.run(sql`CREATE SCHEMA mart`)
  const { leaves } = warehouse
  const at = (text: string) => leaves.timestamp(toMicros(text))
  const type = (name: Parameters<typeof leaves.columnType>[0]) => leaves.columnType(name)
  await warehouse.run(
    sql`CREATE TABLE mart.usage (customer_id ${type('text')}, ts ${type('timestamp')}, kwh ${type('double')})`,
  )
  await warehouse.run(sql`INSERT INTO mart.usage VALUES ('a', ${at('2024-01-01')}, 1)`)
  await warehouse.run(
    sql`CREATE TABLE mart.places (customer_id ${type('text')}, city ${type('text')}, income ${type('double')},
      valid_from ${type('timestamp')}, valid_to ${type('timestamp')}, seq ${type('bigint')})`,
  )
  for (const [from, to, city, income = 0, seq = 0] of intervals) {
    await warehouse.run(
      sql`INSERT INTO mart.places VALUES ('a', ${city}, ${income}, ${at(from)}, ${to === null ? sql`NULL` : at(to)}, ${seq})`,
    )
  }
  await warehouse.run(
    sql`CREATE TABLE mart.today (customer_id ${type('text')}, city ${type('text')}, income ${type('double')}, seq ${type('bigint')})`,
  )
  for (const [city, income, seq] of rows)
    await warehouse.run(sql`INSERT INTO mart.today VALUES ('a', ${city}, ${income}, ${seq})`)
}

const days = ['02-01', '02-14', '02-15', '02-29', '03-01', '03-15', '03-31', '04-01', '05-01']
const byPlaces = featureView('by_places', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ city: f.attribute(places, 'city'), income: f.attribute(places, 'income') }),
})
const byOrder = featureView('by_order', {
  of: customer,
  from: usage,
  every: '1d',
  features: (f) => ({ city: f.attribute(ordered, 'city'), income: f.attribute(ordered, 'income') }),
})
const those = featureView('those', {
  of: customer,
  from: usage,
  every: '1d',
  population: places,
  features: (f) => ({ n: f.count().lifetime() }),
})

/**
 * City and income at midnight of each day, and whether the customer is in the population: by tables, by training sets
 * both ways, and online at the last.
 */
async function held(
  intervals: readonly Interval[],
  view: typeof byPlaces | typeof byOrder = byPlaces,
): Promise<readonly unknown[]> {
  let found: readonly unknown[] = []
  await inPlace(async ({ warehouse, catalog }) => {
    await createMart(warehouse, intervals)
    const online = openMemoryStore()
    const service = featureService('s', [view, those])
    const last = toMicros(`2024-${days.at(-1)}T01:00Z`)
    await materialize({
      warehouse,
      catalog,
      online,
      views: [view, those],
      quality: false,
      from: '2024-02-01',
      now: last,
    })
    const at = sql.join(
      days.map(
        (day) => sql`SELECT 'a' AS customer_id, ${warehouse.leaves.timestamp(toMicros(`2024-${day}T00:30Z`))} AS asked`,
      ),
      sql` UNION ALL `,
    )
    const asked = async (from: 'facts' | 'materialized') => {
      const set = await buildTrainingSet({
        warehouse,
        catalog,
        service,
        time: 'asked',
        from,
        spine: { query: sql`SELECT * FROM (${at}) q ORDER BY asked` },
      })
      return rowsOf(await set.read())
        .toSorted((a, b) => Number(a['asked']) - Number(b['asked']))
        .map((row) => set.features.map((name) => row[name]))
    }
    const facts = await asked('facts')
    expect(await asked('materialized')).toEqual(facts)
    const vectors = await openOnlineReader({ service: service.plan, store: online }).read([{ customer_id: 'a' }], {
      now: last,
    })
    expect([0, 1, 2].map((field) => String(vectors.value(0, field)))).toEqual(facts.at(-1)?.map(String))
    found = facts.map(([city, income, n]) => `${String(city)} ${String(income)} ${n === null ? 'gone' : 'there'}`)
  })
  return found
}

test('an interval that has ended does not hide an older one that still holds', async () => {
  const x: Interval = ['2024-01-01', null, 'x', 1]
  const y: Interval = ['2024-02-01', '2024-03-01', 'y', 2]
  const [inX, inY] = ['x 1 there', 'y 2 there']
  expect(await held([x, y])).toEqual([inY, inY, inY, inY, inX, inX, inX, inX, inX])
})

test('an interval that is empty, or ends before it begins, hides nothing', async () => {
  const x: Interval = ['2024-01-01', null, 'x', 1]
  const whole = days.map(() => 'x 1 there')
  expect(
    await held([
      x,
      ['2024-02-15', '2024-02-15', 'empty', 2],
      ['2024-03-01', '2024-02-20', 'turned', 3],
      ['2024-01-01', '2024-01-01', 'at once', 4],
    ]),
  ).toEqual(whole)
})

test('of several that hold the one that begins last counts, however deep they are nested', async () => {
  // w [Jan 1, Apr 1) around x [Feb 1, Mar 31) around y [Feb 15, Feb 29), and z [Mar 15, May 1) across the ends of x and
  // w.
  expect(
    await held([
      ['2024-02-15', '2024-02-29', 'y', 3],
      ['2024-01-01', '2024-04-01', 'w', 1],
      ['2024-03-15', '2024-05-01', 'z', 4],
      ['2024-02-01', '2024-03-31', 'x', 2],
    ]),
  ).toEqual([
    'x 2 there',
    'x 2 there',
    'y 3 there',
    'x 2 there',
    'x 2 there',
    'z 4 there',
    'z 4 there',
    'z 4 there',
    'null null gone',
  ])
})

test('two that uncover at one instant, where a third begins', async () => {
  expect(
    await held([
      ['2024-01-01', null, 'w', 1],
      ['2024-02-01', '2024-03-01', 'x', 2],
      ['2024-02-14', '2024-03-01', 'y', 3],
      ['2024-03-01', '2024-03-15', 'z', 4],
    ]),
  ).toEqual([
    'x 2 there',
    'y 3 there',
    'y 3 there',
    'y 3 there',
    'z 4 there',
    'w 1 there',
    'w 1 there',
    'w 1 there',
    'w 1 there',
  ])
})

test('of two that begin at once the one that ends last counts, or the one with the greater sequence', async () => {
  const short: Interval = ['2024-02-01', '2024-03-01', 'short', 2, 7]
  const long: Interval = ['2024-02-01', '2024-04-01', 'long', 1, 3]
  const [inShort, inLong, out] = ['short 2 there', 'long 1 there', 'null null gone']
  expect(await held([short, long])).toEqual([inLong, inLong, inLong, inLong, inLong, inLong, inLong, out, out])
  expect(await held([short, long], byOrder)).toEqual([
    inShort,
    inShort,
    inShort,
    inShort,
    inLong,
    inLong,
    inLong,
    out,
    out,
  ])
})

test('of two with one interval all attributes come from one row, whichever are asked for', async () => {
  const bern = (seq: number): Interval => ['2024-01-01', null, 'Bern', 9000, seq]
  const zurich: Interval = ['2024-01-01', null, 'Zurich', 3000, 2]
  expect(new Set(await held([bern(1), zurich]))).toEqual(new Set(['Zurich 3000 there']))
  expect(new Set(await held([zurich, bern(1)]))).toEqual(new Set(['Zurich 3000 there']))
  expect(new Set(await held([bern(3), zurich], byOrder))).toEqual(new Set(['Bern 9000 there']))
})

test('without history a key that is there twice gives all its attributes from one row, in every view', () =>
  inPlace(async ({ warehouse, catalog }) => {
    await createMart(
      warehouse,
      [],
      [
        ['Bern', 9000, 5],
        ['Zurich', 3000, 4],
        [null, 10_000, 3],
      ],
    )
    const both = featureView('both', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({
        city: f.attribute(today, 'city', { withoutHistory: 'allow' }),
        income: f.attribute(today, 'income', { withoutHistory: 'allow' }),
      }),
    })
    const one = featureView('one', {
      of: customer,
      from: today,
      every: '1d',
      features: (f) => ({ income: f.attribute('income', { withoutHistory: 'allow' }) }),
    })
    const bySequence = featureView('by_sequence', {
      of: customer,
      from: usage,
      every: '1d',
      features: (f) => ({
        city: f.attribute(orderedToday, 'city', { withoutHistory: 'allow' }),
        income: f.attribute(orderedToday, 'income', { withoutHistory: 'allow' }),
      }),
    })
    const service = featureService('s', [both, one, bySequence])
    const set = await buildTrainingSet({
      warehouse,
      service,
      time: 'at',
      spine: { query: sql`SELECT 'a' AS customer_id, ${warehouse.leaves.timestamp(toMicros('2024-01-05'))} AS at` },
    })
    const [row] = rowsOf(await set.read())
    expect(set.features.map((name) => row?.[name])).toEqual(['Zurich', 3000, 3000, 'Bern', 9000])
    const [done] = await materialize({ warehouse, catalog, views: [both], now: '2024-01-05T01:00Z' })
    const doubled = done?.findings.find(({ table, check }) => table === 'mart.today' && check === 'duplicates')
    expect(doubled).toMatchObject({
      severity: 'warn',
      count: 2,
      total: 3,
      example: 'a',
      message: 'has the same customer_id as another row',
    })
  }))
