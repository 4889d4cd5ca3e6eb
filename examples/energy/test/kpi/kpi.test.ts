import { columnBatch, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openTestWarehouse, runsOf, testEngine } from '../../../../packages/warehouse/test/support/engine.ts'
import { customerRanking } from '../../src/kpi/customer-ranking.ts'
import { monthlyTrend } from '../../src/kpi/monthly-trend.ts'
import { total } from '../../src/kpi/total.ts'
import { calendarRows } from '../../src/mart/calendar.ts'
import { deployEnergyMart, emptyEnergyMart } from '../../src/mart/deploy.ts'
import { generateMart } from '../../src/mart/generator.ts'
import { NaiveMart } from './naive.ts'

/** Every run fills three tables, which takes some thirty requests on an account. */
const numRuns = runsOf(testEngine === 'duckdb' ? 100 : 25)

const warehouse = await openTestWarehouse()
await deployEnergyMart(warehouse)
afterAll(() => warehouse.close())

interface Reading {
  readonly id: string
  readonly ts: Date
  readonly kwh: number
  readonly cost?: number
}

async function fill(
  readings: readonly Reading[],
  types: Readonly<Record<string, string | null>> = {},
): Promise<Warehouse> {
  await emptyEnergyMart(warehouse)
  const known = Object.entries(types)
  await warehouse.append(
    'mart.fact_energy_usage',
    columnBatch({
      customer_id: { type: 'text', values: readings.map(({ id }) => id) },
      ts: { type: 'timestamp', values: readings.map(({ ts }) => ts) },
      consumption_kwh: { type: 'double', values: readings.map(({ kwh }) => kwh) },
      cost: { type: 'double', values: readings.map(({ cost }) => cost ?? 0) },
      arrived_at: { type: 'timestamp', values: readings.map(({ ts }) => ts) },
    }),
  )
  await warehouse.append(
    'mart.dim_customer',
    columnBatch({
      customer_id: { type: 'text', values: known.flatMap(([id]) => [id, id]) },
      customer_type: { type: 'text', values: known.flatMap(([, type]) => ['former', type]) },
      tariff: { type: 'text', values: known.flatMap(() => ['flat', 'flat']) },
      heating_type: { type: 'text', values: known.flatMap(() => [null, null]) },
      valid_from: { type: 'timestamp', values: known.flatMap(() => [new Date('2020-01-01'), new Date('2021-01-01')]) },
      valid_to: { type: 'timestamp', values: known.flatMap(() => [new Date('2021-01-01'), null]) },
    }),
  )
  const days = readings.map(({ ts }) => Math.floor(ts.getTime() / 86_400_000))
  if (days.length > 0) await warehouse.append('mart.dim_time', calendarRows(Math.min(...days), Math.max(...days) + 1))
  return warehouse
}

const instant = fc.date({ min: new Date('2023-11-20T00:00Z'), max: new Date('2024-04-10T00:00Z'), noInvalidDate: true })
const readings = fc.array(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ts: instant,
    kwh: fc.integer({ min: -2000, max: 5000 }).map((wattHours) => wattHours / 1000),
    cost: fc.integer({ min: -3_000_000, max: 9_000_000 }).map((micros) => micros / 1e6),
  }),
  { maxLength: 60 },
)
const period = fc.record({ from: instant, to: instant }, { requiredKeys: [] })

/** Two results whose numbers agree within `tolerance` and everything else exactly. */
function expectAlike(actual: unknown, expected: unknown, tolerance: number): void {
  if (typeof expected === 'number' && typeof actual === 'number')
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance)
  else if (typeof expected === 'object' && expected !== null && !(expected instanceof Date)) {
    const [left, right] = [Object.entries(actual ?? {}), Object.entries(expected)]
    expect(left.map(([name]) => name).toSorted()).toEqual(right.map(([name]) => name).toSorted())
    for (const [name, value] of right) expectAlike(new Map(left).get(name), value, tolerance)
  } else expect(actual).toEqual(expected)
}

describe('on random marts, each KPI agrees with the obvious computation', () => {
  test('total', async () => {
    await fc.assert(
      fc.asyncProperty(readings, period, async (rows, when) => {
        await fill(rows)
        const naive = await NaiveMart.of(warehouse)
        const [actual, expected] = [await total(warehouse, when), naive.total(when)]
        expectAlike(actual, expected, naive.tolerance())
        // Costs are decimals, and their sum is exact.
        expect(actual.cost).toBe(expected.cost)
      }),
      { numRuns },
    )
  })

  test('monthly trend', async () => {
    await fc.assert(
      fc.asyncProperty(readings, period, async (rows, when) => {
        await fill(rows)
        const naive = await NaiveMart.of(warehouse)
        const [actual, expected] = [await monthlyTrend(warehouse, when), naive.months(when)]
        const unstable = expected.some(({ consumptionKwh }) => Math.abs(consumptionKwh) < 1e-6)
        const plain = (months: typeof actual) => months.map(({ change: _, ...month }) => month)
        expectAlike(plain(actual), plain(expected), 2 * naive.tolerance())
        // A share divides the error of a change by the month before, which is at least one Wh here.
        if (!unstable)
          expectAlike(
            actual.map(({ change }) => change),
            expected.map(({ change }) => change),
            1e-6,
          )
        expect(actual.map(({ cost }) => cost)).toEqual(expected.map(({ cost }) => cost))
      }),
      { numRuns },
    )
  })

  test('customer ranking by cost, which has no rounding', async () => {
    const options = fc.record({
      n: fc.integer({ min: 1, max: 6 }),
      order: fc.constantFrom<'top' | 'bottom'>('top', 'bottom'),
    })
    await fc.assert(
      fc.asyncProperty(readings, period, options, async (rows, when, chosen) => {
        await fill(rows, { a: 'household', b: 'business', c: null })
        const naive = await NaiveMart.of(warehouse)
        const [actual, expected] = [
          await customerRanking(warehouse, { ...when, ...chosen, by: 'cost' }),
          naive.ranking({ ...when, ...chosen, by: 'cost' }),
        ]
        const exact = (ranking: typeof actual) =>
          ranking.map(({ rank, customerId, customerType, cost }) => ({ rank, customerId, customerType, cost }))
        expect(exact(actual)).toEqual(exact(expected))
        // Two roundings of each of two exact amounts, and one of their quotient.
        actual.forEach(({ share }, i) => {
          const wanted = expected[i]?.share ?? null
          if (share === null || wanted === null) expect(share).toBe(wanted)
          else expect(Math.abs(share - wanted)).toBeLessThanOrEqual(8 * Number.EPSILON * Math.abs(wanted))
        })
      }),
      { numRuns },
    )
  })
})

test('on a generated mart, all three agree with the obvious computation', async () => {
  await using mart = await openTestWarehouse()
  await generateMart(mart, { seed: 21, customers: 30, days: 100, faults: { duplicate: 0.01, negative: 0.01 } })
  const naive = await NaiveMart.of(mart)
  const march = { from: new Date('2025-02-10T06:00Z'), to: new Date('2025-03-20T17:30Z') }
  for (const when of [{}, march]) {
    expectAlike(await total(mart, when), naive.total(when), naive.tolerance())
    expectAlike(await monthlyTrend(mart, when), naive.months(when), 2 * naive.tolerance())
    for (const order of ['top', 'bottom'] as const) {
      for (const by of ['consumption', 'cost'] as const) {
        const options = { ...when, order, by, n: 7 }
        expectAlike(await customerRanking(mart, options), naive.ranking(options), naive.tolerance())
      }
    }
  }
})

test('a month without readings breaks the comparison, and one of zero has no relative change', async () => {
  await fill([
    { id: 'a', ts: new Date('2024-01-31T23:59:59.999Z'), kwh: 4 },
    { id: 'a', ts: new Date('2024-02-01T00:00:00.000Z'), kwh: 0 },
    { id: 'a', ts: new Date('2024-03-01T00:00:00.000Z'), kwh: 3 },
    { id: 'b', ts: new Date('2024-05-09T00:00:00.000Z'), kwh: 1 },
  ])
  expect((await monthlyTrend(warehouse)).map(({ month, changeKwh, change }) => [month, changeKwh, change])).toEqual([
    [1, null, null],
    [2, -4, -1],
    [3, 3, null],
    [5, null, null],
  ])
})

test('December is followed by January', async () => {
  await fill([
    { id: 'a', ts: new Date('2023-12-05Z'), kwh: 2 },
    { id: 'a', ts: new Date('2024-01-05Z'), kwh: 3 },
  ])
  expect((await monthlyTrend(warehouse)).at(-1)).toMatchObject({ year: 2024, month: 1, changeKwh: 1, change: 0.5 })
})

test('a period includes its first instant and not its last', async () => {
  await fill([
    { id: 'a', ts: new Date('2024-01-01Z'), kwh: 1 },
    { id: 'a', ts: new Date('2024-01-02Z'), kwh: 2 },
  ])
  expect((await total(warehouse, { from: new Date('2024-01-01Z'), to: new Date('2024-01-02Z') })).consumptionKwh).toBe(
    1,
  )
})

test('equal customers have the same rank and are sorted by id; the next rank counts them all', async () => {
  await fill(['b', 'c', 'a', 'd'].map((id) => ({ id, ts: new Date('2024-01-01Z'), kwh: id === 'd' ? 1 : 2 })))
  expect((await customerRanking(warehouse)).map(({ rank, customerId, share }) => [rank, customerId, share])).toEqual([
    [1, 'a', 2 / 7],
    [1, 'b', 2 / 7],
    [1, 'c', 2 / 7],
    [4, 'd', 1 / 7],
  ])
})

test('nothing in total leaves no share', async () => {
  await fill([
    { id: 'a', ts: new Date('2024-01-01Z'), kwh: 1 },
    { id: 'b', ts: new Date('2024-01-01Z'), kwh: -1 },
  ])
  expect((await customerRanking(warehouse)).map(({ share }) => share)).toEqual([null, null])
})

test('an empty mart has a total of nothing, no months and no ranking', async () => {
  await fill([])
  expect(await total(warehouse)).toEqual({
    readings: 0,
    customers: 0,
    consumptionKwh: 0,
    cost: 0,
    first: null,
    last: null,
  })
  expect(await monthlyTrend(warehouse)).toEqual([])
  expect(await customerRanking(warehouse)).toEqual([])
})

test.each([0, -1, 1.5, Number.NaN])('a ranking of %s customers is refused', async (n) => {
  await expect(customerRanking(warehouse, { n })).rejects.toMatchObject({ code: 'BAD_OPTION' })
})
