import process from 'node:process'
import { ensureTable, rowsOf, sql, tableRef, type ColumnBatch, type Warehouse } from '@martlet/warehouse'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestWarehouse, runsOf } from '../../../warehouse/test/support/engine.ts'
import { decimal, fact, featureView } from '../../src/index.ts'
import { decimalColumn, digits, sameDigits, totalOf, unitsOf, WHOLE, type DigitColumn } from './exact/digits.ts'
import { everyPlan, pointName, type Cells, type Point } from './exact/every-plan.ts'
import { FIRST, LAST, meter } from './exact/exact-mart.ts'
import { DAY, HOUR } from './exact/series.ts'
import type { Row, Value } from './row.ts'

/** Whole numbers beyond 2^53 and decimals of 38 digits, in every plan. */
const TABLE = 'mart.exact_digits'
let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())

interface Event {
  readonly meter: string
  readonly ts: number
  readonly arrived: number
  /** Units of the last digit. */
  readonly k: bigint
  readonly d: bigint
}

function viewOf(scale: number, late: boolean) {
  const source = {
    columns: { meter: z.string(), ts: z.date(), arrived: z.date(), k: z.int(), d: decimal(38, scale) },
    entities: [meter],
    eventTime: 'ts',
  } as const
  return featureView('exact_digits', {
    of: meter,
    from: late ? fact(TABLE, { ...source, knownAt: 'arrived' }) : fact(TABLE, source),
    every: '1d',
    features: (f) => ({
      k: f.sum('k').over('1d', '3d'),
      d: f.sum('d').over('1d', '3d'),
      k_least: f.min('k').over('3d'),
      d_least: f.min('d').over('3d'),
      k_most: f.max('k').over('3d'),
      d_most: f.max('d').over('3d'),
      k_newest: f.last('k').lifetime(),
      d_newest: f.last('d').lifetime(),
      k_ever: f.sum('k').lifetime(),
      d_ever: f.sum('d').lifetime(),
    }),
  })
}

async function load(events: readonly Event[], scale: number): Promise<void> {
  const { leaves } = warehouse
  const decimals = { decimal: [38, scale] } as const
  await warehouse.run(sql`DROP TABLE IF EXISTS ${tableRef(TABLE)}`)
  await ensureTable(warehouse, {
    table: TABLE,
    columns: [
      { name: 'meter', type: 'text' },
      { name: 'ts', type: 'timestamp' },
      { name: 'arrived', type: 'timestamp' },
      { name: 'k', type: 'bigint' },
      { name: 'd', type: decimals },
    ],
  })
  const rows = events.map(
    (one) => sql`
      SELECT ${sql.lit(one.meter)} AS meter, ${leaves.timestamp(BigInt(one.ts))} AS ts,
        ${leaves.timestamp(BigInt(one.arrived))} AS arrived,
        CAST(${sql.lit(digits(one.k, 0))} AS ${leaves.columnType('bigint')}) AS k,
        CAST(${sql.lit(digits(one.d, scale))} AS ${leaves.columnType(decimals)}) AS d
    `,
  )
  await warehouse.run(
    sql`INSERT INTO ${tableRef(TABLE)} (meter, ts, arrived, k, d) ${sql.join(rows, sql` UNION ALL `)}`,
  )
}

type Answers = Readonly<Record<string, readonly [bigint | null, DigitColumn]>>

function answersAt(events: readonly Event[], scale: number, late: boolean, { meter: name, T }: Point): Answers | null {
  const known = events
    .filter((one) => one.meter === name && one.ts < T && (!late || one.arrived <= T))
    .toSorted((a, b) => a.ts - b.ts)
  if (known.length === 0) return null
  const columns = { k: WHOLE, d: decimalColumn(scale) } as const
  const answers: Record<string, readonly [bigint | null, DigitColumn]> = {}
  for (const name of ['k', 'd'] as const) {
    const column = columns[name]
    const inside = (days: number): readonly bigint[] =>
      known.filter((one) => one.ts >= T - days * DAY).map((one) => one[name])
    const sorted = inside(3).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    answers[`${name}_1d`] = [totalOf(inside(1), column), column]
    answers[`${name}_3d`] = [totalOf(inside(3), column), column]
    answers[`${name}_least_3d`] = [sorted[0] ?? null, column]
    answers[`${name}_most_3d`] = [sorted.at(-1) ?? null, column]
    answers[`${name}_newest`] = [known.at(-1)?.[name] ?? null, column]
    answers[`${name}_ever`] = [
      totalOf(
        known.map((one) => one[name]),
        column,
      ),
      column,
    ]
  }
  return answers
}

type Cell = string | number | bigint | boolean | Date | null

function shown(value: Cell): Value {
  if (value === null) return null
  return value instanceof Date ? value.getTime() * 1000 : String(value)
}

/** Every value as the digits that its reader sees. */
const cells: Cells = {
  rows: (found: ColumnBatch): readonly Row[] =>
    rowsOf<Record<string, Cell>>(found).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, shown(value)])),
    ),
  value: shown,
}

async function wrongDigits(events: readonly Event[], scale: number, late: boolean): Promise<readonly string[]> {
  for (const schema of ['features', 'features_internal', 'ml'])
    await warehouse.run(sql`DROP SCHEMA IF EXISTS ${sql.id(schema)} CASCADE`)
  await load(events, scale)
  const meters = [...new Set(events.map((one) => one.meter))]
  const plans = await everyPlan(warehouse, viewOf(scale, late), meters, { from: FIRST, to: LAST }, cells)
  return plans.flatMap((one) => {
    if ('error' in one) return [`${one.plan} failed: ${String(one.error)}`]
    return one.points.flatMap((point) => {
      const row = one.rows.get(pointName(point))
      const answers = answersAt(events, scale, late, point)
      return Object.entries(answers ?? {}).flatMap(([name, [units, column]]) => {
        const found = row?.[name] ?? null
        if (units === null ? found === null : found !== null && sameDigits(String(found), units, column.scale))
          return []
        const right = units === null ? null : digits(units, column.scale)
        return [`${one.plan}: ${name} of ${pointName(point)}: ${found} instead of ${right}`]
      })
    })
  })
}

const event = (ts: number, k: bigint, d: bigint, name = 'm'): Event => ({ meter: name, ts, arrived: ts, k, d })

test('9007199254740991 twice and 1, and the one decimal 12345678.1234567891, by every plan', async () => {
  const at = LAST - 2 * DAY
  const events = [
    event(at + 1, 9007199254740991n, 123456781234567891n),
    event(at + 2, 9007199254740991n, 0n),
    event(at + 3, 1n, 0n),
  ]
  expect(await wrongDigits(events, 10, false)).toEqual([])
  expect(await wrongDigits(events, 10, true)).toEqual([])
})

test('a total beyond 64 bits or 38 digits is null, and everybody else has theirs', async () => {
  const at = LAST - 2 * DAY
  const events = [
    event(at + 1, 2n ** 63n - 1n, 10n ** 38n - 1n),
    event(at + 2, 1n, 1n),
    event(at + 1, 2n ** 53n + 1n, 10n ** 37n + 1n, 'other'),
    event(at + 2, 2n, 2n, 'other'),
  ]
  expect(await wrongDigits(events, 10, false)).toEqual([])
  expect(await wrongDigits(events, 10, true)).toEqual([])
})

const events = fc.array(
  fc
    .record({
      meter: fc.constantFrom('m', 'other'),
      hour: fc.integer({ min: -72, max: 90 }),
      late: fc.constantFrom(0, 7 * HOUR, 30 * HOUR, 400 * DAY),
      k: unitsOf(2n ** 62n),
      d: unitsOf(10n ** 38n / 2n),
    })
    .map(({ hour, late, ...rest }) => ({ ...rest, ts: FIRST + hour * HOUR, late })),
  { minLength: 1, maxLength: 12 },
)

test('whole numbers and decimals of random marts keep every digit in every plan', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(events, fc.constantFrom(2, 10, 37), fc.boolean(), async (drawn, scale, late) => {
      // Differ in time, so that the newest is known.
      const given = drawn.map(({ late: by, ts, ...rest }, i) => ({ ...rest, ts: ts + i, arrived: ts + i + by }))
      expect(await wrongDigits(given, scale, late)).toEqual([])
    }),
    { numRuns: runsOf(60), endOnFailure: process.env['MARTLET_SHRINK'] !== '1' },
  )
})
