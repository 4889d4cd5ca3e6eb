import { columnBatch, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse } from '../../../warehouse/test/support/engine.ts'
import {
  diffViews,
  dimension,
  entity,
  fact,
  featureView,
  precomputed,
  renamedFrom,
  type DiffOptions,
  type FeatureDiff,
  type ViewDiff,
} from '../../src/index.ts'

const DAY = 86_400_000
const START = Date.UTC(2024, 0, 1)
const DAYS = 30
const now = '2024-03-01T00:00:00Z'
const LAST = START + DAYS * DAY

interface Reading {
  readonly who: string
  readonly ts: number
  readonly kwh: number
  readonly night: boolean
}

/** Twelve customers with readings by noon and at night; c10 begins late, and c11 ends early. */
const facts: readonly Reading[] = Array.from({ length: 12 }, (_, c) => c).flatMap((c) =>
  Array.from({ length: DAYS * 2 }, (_, half) => half).flatMap((half): Reading[] => {
    const day = half >> 1
    if ((c === 10 && day < 28) || (c === 11 && day > 9) || (c * 7 + half) % 11 === 0) return []
    const night = half % 2 === 1
    return [
      {
        who: `c${c}`,
        ts: START + day * DAY + (night ? 22 : 12) * 3_600_000,
        kwh: ((c * 31 + half * 17) % 97) / 8,
        night,
      },
    ]
  }),
)

const customer = entity('customer', { customer_id: z.string() })
const readings = fact('mart.readings', {
  columns: { customer_id: z.string(), ts: z.date(), kwh: z.number(), night: z.boolean() },
  entities: [customer],
  eventTime: 'ts',
})
const people = dimension('mart.people', {
  columns: { customer_id: z.string(), tariff: z.string(), since: z.date() },
  entity: customer,
  validFrom: 'since',
})

const usage = featureView('usage', {
  of: customer,
  from: readings,
  every: '1d',
  ttl: '7d',
  features: (f) => ({
    avg: f.mean('kwh').over('7d'),
    max: f.max('kwh').over('7d'),
    count: f.count().over('1d'),
    last: f.last('kwh'),
  }),
})

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  const { leaves } = warehouse
  await warehouse.run(sql`CREATE SCHEMA mart`)
  const text = leaves.columnType('text')
  const time = leaves.columnType('timestamp')
  const [double, boolean, bigint] = [
    leaves.columnType('double'),
    leaves.columnType('boolean'),
    leaves.columnType('bigint'),
  ]
  await warehouse.run(
    sql`CREATE TABLE mart.readings (customer_id ${text}, ts ${time}, kwh ${double}, night ${boolean})`,
  )
  await warehouse.append(
    'mart.readings',
    columnBatch({
      customer_id: { type: 'text', values: facts.map(({ who }) => who) },
      ts: { type: 'timestamp', values: facts.map(({ ts }) => new Date(ts)) },
      kwh: { type: 'double', values: facts.map(({ kwh }) => kwh) },
      night: { type: 'boolean', values: facts.map(({ night }) => night) },
    }),
  )
  await warehouse.run(sql`CREATE TABLE mart.people (customer_id ${text}, tariff ${text}, since ${time})`)
  await warehouse.append(
    'mart.people',
    columnBatch({
      customer_id: { type: 'text', values: ['c0', 'c1', 'c20'] },
      tariff: { type: 'text', values: ['flat', 'night', 'flat'] },
      since: { type: 'timestamp', values: [new Date(START), new Date(START), new Date(START + 5 * DAY)] },
    }),
  )
  await warehouse.run(
    sql`CREATE TABLE mart.scores (customer_id ${text}, as_of ${time}, score ${double}, rank ${bigint})`,
  )
  await warehouse.append(
    'mart.scores',
    columnBatch({
      customer_id: { type: 'text', values: ['c0', 'c0', 'c1'] },
      as_of: { type: 'timestamp', values: [START, START + DAY, START].map((at) => new Date(at)) },
      score: { type: 'double', values: [0.25, 0.5, 0.75] },
      rank: { type: 'bigint', values: [3, 5, 7] },
    }),
  )
})
afterAll(() => warehouse.close())

const diff = (
  before: DiffOptions['before'],
  after: DiffOptions['after'],
  more: Partial<DiffOptions> = {},
): Promise<ViewDiff> => diffViews({ warehouse, before, after, now, ...more })
const of = ({ features }: ViewDiff, name: string): FeatureDiff => {
  const found = features.find((feature) => feature.name === name)
  if (found === undefined) throw new Error(`no feature ${name}`)
  return found
}

// The slow twin: one row for whoever has a reading before T.
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length
const within = (who: string, T: number, days: number): readonly Reading[] =>
  facts.filter((one) => one.who === who && one.ts < T && one.ts >= T - days * DAY)
const there = (T: number): readonly string[] =>
  [...new Set(facts.filter(({ ts }) => ts < T).map(({ who }) => who))].toSorted()
const present = (values: readonly (number | null)[]): readonly number[] => values.filter((value) => value !== null)

test('a longer window: how many rows change, by how much, and where most', async () => {
  const longer = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    ttl: '7d',
    features: (f) => ({
      avg: f.mean('kwh').over('14d'),
      max: f.max('kwh').over('7d'),
      nights: f
        .count()
        .where((r) => r.night.eq(true))
        .over('7d'),
      count: f.count().over('1d'),
    }),
  })
  const found = await diff(usage, longer, { from: '2024-01-10', to: '2024-01-21' })
  expect(found.outcome).toBe('changes')
  expect(found.reasons).toEqual([
    'avg_14d added: mean(kwh) over 14d',
    'nights_7d added: count(* where (night = true)) over 7d',
    'avg_7d removed',
    'last removed',
  ])

  const times = Array.from({ length: 11 }, (_, day) => Date.UTC(2024, 0, 10 + day))
  const rows = times.flatMap((T) =>
    there(T).map((who) => ({
      who,
      T,
      before: mean(within(who, T, 7).map(({ kwh }) => kwh)),
      after: mean(within(who, T, 14).map(({ kwh }) => kwh)),
      nights: within(who, T, 7).filter(({ night }) => night).length,
    })),
  )
  const changed = rows.filter(
    ({ before, after }) => before !== after && Math.abs((before ?? 99) - (after ?? 99)) > 1e-9,
  )
  const differences = changed.flatMap((row) =>
    row.before === null || row.after === null ? [] : [{ ...row, difference: row.after - row.before }],
  )
  const [largest] = differences.toSorted((a, b) => Math.abs(b.difference) - Math.abs(a.difference))
  const avg = of(found, 'avg_14d')
  expect(avg).toMatchObject({
    kind: 'replaced',
    formerName: 'avg_7d',
    words: { before: 'mean(kwh) over 7d', after: 'mean(kwh) over 14d' },
    rows: rows.length,
    changed: changed.length,
    nullToValue: rows.filter(({ before, after }) => before === null && after !== null).length,
    valueToNull: 0,
    largest: { key: { customer_id: largest?.who }, time: new Date(largest?.T ?? 0) },
  })
  // c11 has no reading after its tenth day, so its mean over 7 days is missing where that over 14 days is not.
  expect(avg.nullToValue).toBeGreaterThan(0)
  expect(avg.largest?.difference).toBeCloseTo(largest?.difference ?? 0, 9)
  const [old, next] = [present(rows.map(({ before }) => before)), present(rows.map(({ after }) => after))]
  expect(avg.before?.nulls).toBe(rows.length - old.length)
  for (const [summary, values] of [
    [avg.before, old],
    [avg.after, next],
  ] as const) {
    expect(summary?.mean).toBeCloseTo(mean(values) ?? 0, 9)
    expect(summary?.min).toBeCloseTo(Math.min(...values), 9)
    expect(summary?.max).toBeCloseTo(Math.max(...values), 9)
  }
  expect(of(found, 'max_7d')).toMatchObject({ kind: 'compared', rows: rows.length, changed: 0, largest: null })
  expect(of(found, 'count_1d')).toMatchObject({ changed: 0 })
  const nights = of(found, 'nights_7d')
  expect(nights).toMatchObject({ kind: 'new', rows: rows.length, changed: 0, before: null, after: { nulls: 0 } })
  expect(nights.after?.mean).toBeCloseTo(mean(rows.map((row) => row.nights)) ?? 0, 9)
  expect(of(found, 'last')).toMatchObject({ kind: 'gone', after: null })
  expect(found.features.at(-1)?.name).toBe('last')
  expect(found.compared).toMatchObject({
    kind: 'rows',
    first: BigInt(times[0] ?? 0) * 1000n,
    last: BigInt(times.at(-1) ?? 0) * 1000n,
    times: 11,
    sample: null,
    rows: { before: rows.length, after: rows.length, both: rows.length, appear: 0, vanish: 0 },
    entities: { both: 11, appear: 0, vanish: 0 },
  })
})

test('without a range, the last feature time that the facts reach; a hash that changes with no value says so', async () => {
  const old = { ...usage.plan, ttl: 86_400_000_000, hash: 'other' }
  const found = await diff(old, usage)
  expect(found).toMatchObject({
    outcome: 'same',
    reasons: ['ttl 1d → 7d'],
    before: { hash: 'other' },
    compared: { first: BigInt(LAST) * 1000n, last: BigInt(LAST) * 1000n, times: 1, rows: { both: 12 } },
  })
  expect(found.features.map(({ changed }) => changed)).toEqual([0, 0, 0, 0])
})

test('another condition and another column under the same name: nulls that come and go', async () => {
  const view = (night: boolean) =>
    featureView('usage', {
      of: customer,
      from: readings,
      every: '1d',
      features: (f) => ({
        value: f
          .last('kwh')
          .where((r) => r.night.eq(night))
          .over('1d'),
        when: f.last('night').over('1d'),
      }),
    })
  const found = await diff(view(true), view(false))
  const value = (who: string, night: boolean): number | null =>
    within(who, LAST, 1).findLast((one) => one.night === night)?.kwh ?? null
  const pairs = there(LAST).map((who) => [value(who, true), value(who, false)] as const)
  expect(of(found, 'value_1d')).toMatchObject({
    rows: 12,
    changed: pairs.filter(([b, a]) => b !== a).length,
    nullToValue: pairs.filter(([b, a]) => b === null && a !== null).length,
    valueToNull: pairs.filter(([b, a]) => b !== null && a === null).length,
  })
  expect(pairs.some(([b, a]) => b === null && a !== null)).toBe(true)
  expect(found.reasons[0]).toBe(
    'value_1d last(kwh where (night = true)) over 1d → last(kwh where (night = false)) over 1d',
  )
  expect(of(found, 'when_1d')).toMatchObject({ changed: 0, before: { min: null } })
})

test('renamed features are one feature, and another population lets rows appear and vanish', async () => {
  const known = featureView('known_usage', {
    renamedFrom: 'usage',
    of: customer,
    from: readings,
    every: '1d',
    ttl: '7d',
    population: people,
    features: (f) => ({
      mean: renamedFrom('avg', f.mean('kwh').over('7d')),
      max: f.max('kwh').over('7d'),
      count: f.count().over('1d'),
      last: f.last('kwh'),
    }),
  })
  const found = await diff(usage, known)
  expect(found.reasons).toContain('population whoever has a fact → mart.people')
  expect(of(found, 'mean_7d')).toMatchObject({ formerName: 'avg_7d', kind: 'compared', changed: 0, rows: 2 })
  expect(found).toMatchObject({
    before: { name: 'usage' },
    after: { name: 'known_usage' },
    outcome: 'changes',
    compared: {
      rows: { before: 12, after: 3, both: 2, appear: 1, vanish: 10 },
      entities: { before: 12, after: 3, both: 2, appear: 1, vanish: 10 },
      appearing: [{ customer_id: 'c20' }],
      vanishing: ['c10', 'c11', 'c2', 'c3', 'c4'].map((customer_id) => ({ customer_id })),
    },
  })
})

test('another step is compared at the feature times that both have; other clocks and other keys are not', async () => {
  const at = (every: '1d' | '6h', zone = 'UTC') =>
    featureView('usage', {
      of: customer,
      from: readings,
      every,
      zone,
      features: (f) => ({ count: f.count().over('1d') }),
    })
  const finer = await diff(at('1d'), at('6h'), { from: '2024-01-05', to: '2024-01-08' })
  expect(finer).toMatchObject({
    outcome: 'same',
    reasons: ['grid every 1d → 6h'],
    compared: { times: 3, rows: { both: 33, appear: 0, vanish: 0 } },
  })
  const local = await diff(at('1d'), at('1d', 'Europe/Zurich'))
  expect(local).toMatchObject({ outcome: 'not comparable', compared: null })
  expect(local.incomparable).toBe(
    'the two have no feature time in common: every 1d of Europe/Zurich instead of every 1d of UTC',
  )
  const everyone = entity('household', { night: z.boolean() })
  const households = fact('mart.readings', {
    columns: { night: z.boolean(), ts: z.date(), kwh: z.number() },
    entities: [everyone],
    eventTime: 'ts',
  })
  const others = await diff(
    usage,
    featureView('usage', {
      of: everyone,
      from: households,
      every: '1d',
      features: (f) => ({ max: f.max('kwh').over('7d') }),
    }),
  )
  expect(others.outcome).toBe('not comparable')
  expect(others.incomparable).toBe('the keys are night boolean instead of customer_id text')
  expect(others.features.map(({ name, kind }) => [name, kind])).toEqual([
    ['max_7d', 'compared'],
    ['avg_7d', 'gone'],
    ['count_1d', 'gone'],
    ['last', 'gone'],
  ])
})

test('a sample has always the same entities, in both definitions, with the ranks that they have among all', async () => {
  const doubled = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    features: (f) => ({ count: f.count().over('2d'), max: f.max('kwh').over('7d') }),
    among: (v, everybody) => ({ rank: everybody.rank(v.count_2d) }),
  })
  const sampled = await diff(usage, doubled, { sample: 4 })
  expect(sampled.compared).toMatchObject({ sample: 4, entities: { before: 4, after: 4, both: 4 } })
  // One side computed these four only, the other one everybody.
  expect(of(sampled, 'max_7d')).toMatchObject({
    rows: 4,
    changed: 0,
    before: { nulls: of(sampled, 'max_7d').after?.nulls },
  })
  expect(await diff(usage, doubled, { sample: 4 })).toEqual(sampled)
  const { compared, ...all } = await diff(usage, doubled, { sample: 1000 })
  expect(compared).toMatchObject({ entities: { both: 12 } })
  const counts = there(LAST).map((who) => within(who, LAST, 2).length)
  const ranks = counts.map((count) => 1 + counts.filter((other) => other > count).length)
  expect(all.features.find(({ name }) => name === 'rank')?.after).toMatchObject({ max: Math.max(...ranks), min: 1 })
  expect(of(sampled, 'rank').after?.mean).toBeLessThanOrEqual(Math.max(...ranks))
  await expect(diff(usage, doubled, { sample: 0 })).rejects.toMatchObject({ code: 'BAD_SAMPLE' })
})

test('views over views and continuous views', async () => {
  const over = (least: number) => {
    const one = featureView('usage', {
      of: customer,
      from: readings,
      every: '1d',
      features: (f) => ({
        high: f
          .count()
          .where((r) => r.kwh.gt(least))
          .over('7d'),
      }),
    })
    return featureView('doubled', {
      of: customer,
      from: one,
      every: '1d',
      features: (v) => ({ twice: v.high_7d.mul(2) }),
    })
  }
  const found = await diff(over(6), over(9))
  expect(found.reasons).toEqual([
    'view usage: high_7d count(* where (kwh > 6)) over 7d → count(* where (kwh > 9)) over 7d',
  ])
  const high = (who: string, least: number): number => within(who, LAST, 7).filter(({ kwh }) => kwh > least).length
  expect(of(found, 'twice')).toMatchObject({
    rows: 12,
    changed: there(LAST).filter((who) => high(who, 6) !== high(who, 9)).length,
    after: { max: Math.max(...there(LAST).map((who) => 2 * high(who, 9))) },
  })
  const live = (night: boolean) =>
    featureView('live', {
      of: customer,
      from: readings,
      every: 'continuous',
      features: (f) => ({
        count: f
          .count()
          .where((r) => r.night.eq(night))
          .over('36h'),
      }),
    })
  const served = await diff(live(true), live(false), { sample: 100 })
  expect(served.compared).toMatchObject({ kind: 'served', last: BigInt(LAST) * 1000n, rows: { both: 12 } })
  const count = (who: string, night: boolean): number =>
    within(who, LAST, 1.5).filter((one) => one.night === night).length
  expect(of(served, 'count_36h').changed).toBe(
    there(LAST).filter((who) => count(who, true) !== count(who, false)).length,
  )
})

test('attributes of a dimension, and calendars, which have no keys', async () => {
  const profile = (text: 'tariff' | 'customer_id') =>
    featureView('profile', { of: customer, from: people, every: '1d', features: (f) => ({ text: f.attribute(text) }) })
  const found = await diff(profile('tariff'), profile('customer_id'))
  expect(of(found, 'text')).toMatchObject({
    rows: 3,
    changed: 3,
    before: { nulls: 0, mean: null, min: null },
    largest: { key: { customer_id: 'c0' }, time: new Date(now), before: 'flat', after: 'c0', difference: null },
  })
  const calendar = (part: 'month' | 'dayOfWeek') =>
    featureView('calendar', { every: '1d', features: (f) => ({ part: f.calendar(part) }) })
  const days = await diff(calendar('month'), calendar('dayOfWeek'), { from: '2024-01-01', to: '2024-01-08', sample: 5 })
  // January 1, 2024 was a Monday, the first day of the week.
  expect(days).toMatchObject({ compared: { sample: null, entities: { both: 1 }, rows: { both: 7 } } })
  expect(of(days, 'part')).toMatchObject({
    changed: 6,
    before: { mean: 1, max: 1 },
    after: { mean: 4, max: 7 },
    largest: { key: {}, time: new Date('2024-01-07'), before: 1, after: 7, difference: 6 },
  })
})

test('precomputed rows are compared as they would be served, also when their type changes', async () => {
  const scores = precomputed('mart.scores', {
    columns: { customer_id: z.string(), as_of: z.date(), score: z.number(), rank: z.int() },
    entity: customer,
    time: 'as_of',
  })
  const view = (column: 'score' | 'rank', delay: '0h' | '1d') =>
    featureView('scored', {
      of: customer,
      from: scores,
      every: '1d',
      delay,
      features: (f) => ({ value: f.column(column) }),
    })
  const found = await diff(view('score', '0h'), view('rank', '1d'), { to: '2024-01-03' })
  expect(found).toMatchObject({
    outcome: 'changes',
    compared: { kind: 'served', times: 1, rows: { both: 2, appear: 0, vanish: 0 } },
  })
  // At the midnight of January 2 the row of that day is served without a delay only.
  expect(of(found, 'value')).toMatchObject({
    changed: 2,
    before: { mean: 0.625 },
    after: { mean: 5, min: 3, max: 7 },
    largest: { key: { customer_id: 'c1' }, before: 0.75, after: 7, difference: 6.25 },
  })
})

test('infinite numbers are no values, and doubles that agree to nine digits are the same', async () => {
  const double = warehouse.leaves.columnType('double')
  const [plus, minus] = [sql`CAST('inf' AS ${double})`, sql`CAST('-inf' AS ${double})`]
  const cases = [
    [plus, plus],
    [plus, minus],
    [plus, sql`5`],
    [sql`5`, minus],
    [sql`5`, sql`5.000000001`],
    [sql`5`, sql`5.0001`],
  ].map(([b, a], i) => sql`(${sql.lit(`c${i}`)}, ${b ?? plus}, ${a ?? plus})`)
  const at = sql`CAST('2024-01-02 00:00:00' AS ${warehouse.leaves.columnType('timestamp')})`
  await warehouse.run(sql`
    CREATE TABLE mart.extremes AS
    SELECT v.customer_id, ${at} AS as_of, CAST(v.old AS ${double}) AS old, CAST(v.now AS ${double}) AS now
    FROM (VALUES ${sql.join(cases)}) AS v(customer_id, old, now)
  `)
  const extremes = precomputed('mart.extremes', {
    columns: { customer_id: z.string(), as_of: z.date(), old: z.number(), now: z.number() },
    entity: customer,
    time: 'as_of',
  })
  const view = (column: 'old' | 'now') =>
    featureView('extreme', {
      of: customer,
      from: extremes,
      every: '1d',
      features: (f) => ({ value: f.column(column) }),
    })
  const found = await diff(view('old'), view('now'), { to: '2024-01-03' })
  expect(of(found, 'value')).toMatchObject({ rows: 6, changed: 3, nullToValue: 1, valueToNull: 1 })
})

test('without examples, no row is singled out', async () => {
  const known = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    ttl: '7d',
    population: people,
    features: (f) => ({ count: f.count().over('2d') }),
  })
  const few = featureView('usage', {
    of: customer,
    from: readings,
    every: '1d',
    ttl: '7d',
    features: (f) => ({ count: f.count().over('1d') }),
  })
  const [shown, hidden] = [await diff(few, known), await diff(few, known, { examples: false })]
  expect(shown.compared?.vanishing).not.toEqual([])
  expect(of(shown, 'count_2d').largest).not.toBeNull()
  expect(hidden).toEqual({
    ...shown,
    compared: { ...shown.compared, appearing: [], vanishing: [] },
    features: shown.features.map((feature) => ({ ...feature, largest: null })),
  })
})

test('a mean or a difference beyond the largest double is null, and the change is told all the same', async () => {
  const double = warehouse.leaves.columnType('double')
  const at = sql`CAST('2024-01-02 00:00:00' AS ${warehouse.leaves.columnType('timestamp')})`
  await warehouse.run(sql`
    CREATE TABLE mart.huge AS
    SELECT v.customer_id, ${at} AS as_of, CAST('1e308' AS ${double}) AS old, CAST('-1e308' AS ${double}) AS now
    FROM (VALUES ('c1'), ('c2'), ('c3')) AS v(customer_id)
  `)
  const huge = precomputed('mart.huge', {
    columns: { customer_id: z.string(), as_of: z.date(), old: z.number(), now: z.number() },
    entity: customer,
    time: 'as_of',
  })
  const view = (column: 'old' | 'now') =>
    featureView('huge', { of: customer, from: huge, every: '1d', features: (f) => ({ value: f.column(column) }) })
  expect(of(await diff(view('old'), view('now'), { to: '2024-01-03' }), 'value')).toMatchObject({
    rows: 3,
    changed: 3,
    before: { nulls: 0, mean: null, min: 1e308, max: 1e308 },
    after: { nulls: 0, mean: null, min: -1e308 },
    largest: { key: { customer_id: 'c1' }, before: 1e308, after: -1e308, difference: null },
  })
})

test('what cannot be computed is refused', async () => {
  const missing = fact('mart.nowhere', {
    columns: { customer_id: z.string(), ts: z.date() },
    entities: [customer],
    eventTime: 'ts',
  })
  const nowhere = featureView('usage', {
    of: customer,
    from: missing,
    every: '1d',
    features: (f) => ({ count: f.count().over('1d') }),
  })
  await expect(diff(usage, nowhere)).rejects.toMatchObject({ code: 'SOURCE_MISSING' })
  await expect(diff(usage, usage, { from: '2024-01-05T01:00:00Z', to: '2024-01-05T02:00:00Z' })).rejects.toMatchObject({
    code: 'NO_INSTANTS',
    message: expect.stringMatching(
      /^View usage has no feature time from 2024-01-05T01:00\S* to before 2024-01-05T02:00\S* Give/,
    ),
  })
  await expect(diff(usage, usage, { from: '2034-01-05' })).rejects.toMatchObject({
    code: 'NO_INSTANTS',
    message: expect.stringMatching(/^View usage has no feature time from 2034-01-05 on\. The last one .* is 20\d\d-/),
  })
})
