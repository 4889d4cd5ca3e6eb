import { sql, tableRef, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { caseWhen, compileViewRows, decimal, entity, fact, featureView, type AnyFeatureView } from '../../src/index.ts'
import { refreshMoments, sharedMoments } from '../../src/materialize/refresh-moments.ts'

const DAY = 86_400_000_000n
const START = BigInt(Date.UTC(2024, 0, 1)) * 1000n
const INT64 = 2n ** 63n

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openTestWarehouse()
  await warehouse.run(sql`CREATE SCHEMA mart`)
})
afterAll(() => warehouse.close())

const account = entity('account', { account_id: z.string() })
const columns = {
  account_id: z.string(),
  ts: z.date(),
  known_at: z.date(),
  k: z.int(),
  small: z.int32(),
  fine: decimal(38, 10),
  money: decimal(12, 2),
}
const plain = fact('mart.entries', { columns, entities: [account], eventTime: 'ts' })
const late = fact('mart.entries', { columns, entities: [account], eventTime: 'ts', knownAt: 'known_at' })

interface Entry {
  readonly account: string
  /** Microseconds after the start. */
  readonly at: bigint
  readonly k: bigint
  readonly small: bigint
  /** In units of 1e-10. */
  readonly fine: bigint
  /** In units of 0.01. */
  readonly money: bigint
}

async function load(entries: readonly Entry[]): Promise<void> {
  const { leaves } = warehouse
  const type = (name: 'bigint' | 'integer' | 'text') => leaves.columnType(name)
  const rows = entries.map((one, i) => [
    sql`CAST(${sql.lit(one.account)} AS ${type('text')}) AS account_id`,
    sql`${leaves.timestamp(START + one.at)} AS ts`,
    sql`${leaves.timestamp(START + one.at + (i % 2 === 0 ? 0n : DAY))} AS known_at`,
    sql`CAST(${sql.lit(String(one.k))} AS ${type('bigint')}) AS k`,
    sql`CAST(${sql.lit(String(one.small))} AS ${type('integer')}) AS small`,
    sql`CAST(${sql.lit(digits(one.fine, 10))} AS ${leaves.columnType({ decimal: [38, 10] })}) AS fine`,
    sql`CAST(${sql.lit(digits(one.money, 2))} AS ${leaves.columnType({ decimal: [12, 2] })}) AS money`,
  ])
  const query = sql.join(
    rows.map((row) => sql`SELECT ${sql.join(row)}`),
    sql` UNION ALL `,
  )
  await warehouse.run(sql`DROP TABLE IF EXISTS mart.entries`)
  await warehouse.run(sql`CREATE TABLE mart.entries AS ${query}`)
}

/** A decimal in units of its last digit, as text. */
function digits(units: bigint, scale: number): string {
  const padded = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}

type Cell = bigint | number | string | boolean | null
type Rows = readonly (readonly Cell[])[]

interface Plan {
  readonly lookup?: 'dense' | 'sparse' | 'direct'
  readonly arrivals?: 'logs' | 'join'
  readonly stored?: boolean
}

/** The features of a view, every digit of them: one row per account and day, in order. */
async function rowsOf(view: AnyFeatureView, days: number, { stored, ...options }: Plan = {}): Promise<Rows> {
  const range = { from: START + DAY, to: START + BigInt(days + 1) * DAY }
  const names = view.plan.features.map(({ name }) => sql.id(name))
  return await warehouse.session(async (session) => {
    const moments = stored === true ? sharedMoments([view.plan]).get(view.plan.name) : undefined
    if (moments !== undefined) {
      for (const table of [moments.table, 'features_internal.moment_tables', 'features_internal.tile_checks'])
        await session.run(sql`DROP TABLE IF EXISTS ${tableRef(table)}`)
      await refreshMoments(session, moments, range.to)
    }
    const compiled = compileViewRows(session, view.plan, range, { ...options, moments })
    for (const statement of compiled.prepare) await session.run(statement)
    const found = await session.read(
      sql`SELECT ${sql.join(names)} FROM (${compiled.query}) q ORDER BY account_id, feature_time`,
    )
    for (const statement of compiled.cleanup) await session.run(statement)
    return Array.from({ length: found.rows }, (_, row) => found.columns.map((column) => cell(column, row)))
  })
}

function cell(column: ColumnVector, row: number): Cell {
  if (column.nulls?.[row] === 1) return null
  return column.type === 'boolean' ? column.values[row] === 1 : (column.values[row] ?? null)
}

const entry = (at: bigint, rest: Partial<Entry>): Entry => ({
  account: 'a',
  at,
  k: 0n,
  small: 0n,
  fine: 0n,
  money: 0n,
  ...rest,
})

const totals = featureView('totals', {
  of: account,
  from: plain,
  every: '1d',
  features: (f) => ({
    k: f.sum('k').over('1d', '3d'),
    fine: f.sum('fine').over('1d', '3d'),
    money: f.sum('money').over('3d'),
    top: f.max('fine').over('3d'),
    newest: f.last('k').over('3d'),
  }),
})
const lateTotals = featureView('totals', {
  of: account,
  from: late,
  every: '1d',
  features: (f) => ({
    k: f.sum('k').over('1d', '3d'),
    fine: f.sum('fine').over('1d', '3d'),
    money: f.sum('money').over('3d'),
    top: f.max('fine').over('3d'),
    newest: f.last('k').over('3d'),
  }),
})

test('9007199254740991 twice and 1, and one decimal of 18 digits, keep every digit', async () => {
  await load([
    entry(1n, { k: 9007199254740991n, fine: 123456781234567891n }),
    entry(2n, { k: 9007199254740991n }),
    entry(3n, { k: 1n }),
  ])
  for (const plan of [{ lookup: 'dense' }, { lookup: 'sparse' }, { lookup: 'direct' }, { stored: true }] as const) {
    const [row] = await rowsOf(totals, 1, plan)
    expect(row?.[0], JSON.stringify(plan)).toBe(18014398509481983n)
    expect(row?.[2], JSON.stringify(plan)).toBe(123456781234567891n)
  }
})

const value = fc.record({
  account: fc.constantFrom('a', 'b'),
  at: fc.bigInt({ min: 0n, max: 4n }).map((day) => day * DAY),
  k: fc.oneof(fc.bigInt({ min: -(2n ** 53n) - 3n, max: 2n ** 53n + 3n }), fc.constantFrom(2n ** 62n, -(2n ** 62n), 1n)),
  small: fc.constantFrom(0n, 1n, 2147483647n, -2147483648n),
  fine: fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }),
  money: fc.bigInt({ min: -(10n ** 12n) + 1n, max: 10n ** 12n - 1n }),
})

test('sums of whole numbers and decimals are exact in every plan, or null where 64 bits do not hold them', async () => {
  const plans: readonly (readonly [AnyFeatureView, Plan])[] = [
    [totals, { lookup: 'dense' }],
    [totals, { lookup: 'sparse' }],
    [totals, { lookup: 'direct' }],
    [totals, { stored: true }],
    [lateTotals, { arrivals: 'logs' }],
    [lateTotals, { arrivals: 'join' }],
  ]
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 40 }), async (given) => {
      const entries = given.map((one, i) => ({ ...one, at: one.at + BigInt(i) }))
      await load(entries)
      for (const [view, plan] of plans) {
        const found = await rowsOf(view, 5, plan)
        expect(found, JSON.stringify(plan)).toEqual(expected(entries, view === lateTotals))
      }
    }),
    { numRuns: runsOf(25) },
  )
})

function expected(entries: readonly Entry[], arrivals: boolean): readonly (readonly (bigint | null)[])[] {
  return ['a', 'b'].flatMap((name) =>
    [1n, 2n, 3n, 4n, 5n].flatMap((day) => {
      const known = entries.filter(
        (one, i) =>
          one.account === name && one.at + (arrivals && i % 2 === 1 ? DAY : 0n) <= day * DAY && one.at < day * DAY,
      )
      if (known.length === 0) return []
      const inside = (days: bigint): readonly Entry[] => known.filter((one) => one.at >= (day - days) * DAY)
      const sum = (of: readonly Entry[], column: 'k' | 'fine' | 'money'): bigint =>
        of.reduce((total, one) => total + one[column], 0n)
      const fit = (total: bigint): bigint | null => (BigInt.asIntN(64, total) === total ? total : null)
      const three = inside(3n)
      const newest = three.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]
      return [
        [
          fit(sum(inside(1n), 'k')),
          fit(sum(three, 'k')),
          sum(inside(1n), 'fine'),
          sum(three, 'fine'),
          sum(three, 'money'),
          three.length === 0 ? null : three.map(({ fine }) => fine).reduce((a, b) => (a > b ? a : b)),
          newest?.k ?? null,
        ],
      ]
    }),
  )
}

test('a whole number beyond its type is null in that row, and every other value is there', async () => {
  const view = featureView('sums', {
    of: account,
    from: plain,
    every: '1d',
    features: (f) => ({ k: f.last('k'), small: f.last('small'), total: f.sum('k').lifetime() }),
    derive: (v) => ({
      twice: v.small.add(v.small),
      square: v.k.mul(v.k),
      next: v.k.add(1),
      minus: v.small.negate(),
      size: v.small.abs(),
      part: v.k.div(4),
      highest: v.k.greatest(3),
      lowest: v.k.least(v.small, 3),
      known: v.k.coalesce(0),
      large: v.k.gt(9_007_199_254_740_990),
      choice: caseWhen(v.k.eq(9_007_199_254_740_991), v.k).otherwise(0),
    }),
  })
  await load([
    entry(1n, { account: 'a', k: INT64 - 1n, small: 2147483647n }),
    entry(1n, { account: 'b', k: 9_007_199_254_740_993n, small: -2147483648n }),
    entry(1n, { account: 'c', k: -INT64, small: 1n }),
    entry(2n, { account: 'c', k: -INT64, small: 1n }),
  ])
  const rows = await rowsOf(view, 1)
  const names = view.plan.features.map(({ name }) => name)
  const named = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])))
  const [a, b, c] = named
  expect(a).toMatchObject({
    k: 9223372036854775807n,
    small: 2147483647,
    total: 9223372036854775807n,
    twice: 4294967294n,
    square: null,
    next: null,
    minus: -2147483647,
    size: 2147483647,
    highest: 9223372036854775807n,
    lowest: 3n,
    known: 9223372036854775807n,
    choice: 0n,
  })
  expect(b).toMatchObject({
    square: null,
    next: 9007199254740994n,
    minus: null,
    size: null,
    highest: 9007199254740993n,
    lowest: -2147483648n,
    known: 9007199254740993n,
    choice: 0n,
  })
  expect(c).toMatchObject({ k: -9223372036854775808n, total: null, next: -9223372036854775807n, twice: 2n })
  expect(named.map((row) => row['large'])).toEqual([true, true, false])
  expect(named.map((row) => row['part'])).toEqual([2 ** 61, 2251799813685248.25, -(2 ** 61)])
})

test('a result beyond all doubles is null, as dividing by zero is', async () => {
  const view = featureView('products', {
    of: account,
    from: plain,
    every: '1d',
    features: (f) => ({ k: f.last('k'), fine: f.last('fine') }),
    derive: (v) => ({
      far: v.k.mul(1e300),
      twice: v.fine.add(v.fine),
      square: v.fine.mul(v.fine),
      none: v.k.div(v.k.sub(v.k)),
    }),
  })
  await load([
    entry(1n, { account: 'a', k: 3n, fine: 10n ** 38n - 1n }),
    entry(1n, { account: 'b', k: INT64 - 1n, fine: 15_000_000_000n }),
  ])
  expect((await rowsOf(view, 1)).map((row) => row.slice(2))).toEqual([
    [3e300, 2e28, 1e28 * 1e28, null],
    [null, 3, 2.25, null],
  ])
})

test('greatest and least of a null are null on every engine', async () => {
  const view = featureView('extremes', {
    of: account,
    from: plain,
    every: '1d',
    features: (f) => ({ k: f.max('k').over('1d'), fine: f.max('fine').over('1d') }),
    derive: (v) => ({
      highest: v.k_1d.greatest(3),
      lowest: v.k_1d.least(3),
      between: v.k_1d.greatest(3).least(5),
      fine_highest: v.fine_1d.greatest(0.5),
    }),
  })
  await load([entry(1n, { k: 4n, fine: 20_000_000_000n })])
  const rows = await rowsOf(view, 2)
  expect(rows.map((row) => row.slice(2))).toEqual([
    [4n, 3n, 4n, 2],
    [null, null, null, null],
  ])
})

test('conditions of where compare and calculate whole numbers and decimals exactly', async () => {
  const view = featureView('filtered', {
    of: account,
    from: plain,
    every: '1d',
    features: (f) => ({
      above: f
        .count()
        .where((r) => r.k.gt(9_007_199_254_740_991))
        .lifetime(),
      equal: f
        .count()
        .where((r) => r.k.eq(9_007_199_254_740_991))
        .lifetime(),
      listed: f
        .count()
        .where((r) => r.k.oneOf(1, 9_007_199_254_740_991))
        .lifetime(),
      doubled: f
        .count()
        .where((r) => r.k.add(r.k).gt(0))
        .lifetime(),
      large: f
        .count()
        .where((r) => r.fine.ge(12_345_678))
        .lifetime(),
      dear: f
        .count()
        .where((r) => r.money.gt(r.fine))
        .lifetime(),
    }),
  })
  await load([
    entry(1n, { k: 9_007_199_254_740_992n, fine: 123456780000000000n, money: 1234567801n }),
    entry(2n, { k: INT64 - 1n, fine: 123456779999999999n, money: 1234567800n }),
    entry(3n, { k: 1n, fine: 10n ** 37n }),
  ])
  expect(await rowsOf(view, 1)).toEqual([[2n, 0n, 1n, 2n, 2n, 2n]])
})
