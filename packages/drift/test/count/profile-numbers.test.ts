import fc from 'fast-check'
import { openDuckDb, sql, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countsHere } from '../../src/count/in-process/counts-here.ts'
import { FiniteNumbers } from '../../src/count/in-process/finite-numbers.ts'
import { NumberTally } from '../../src/count/in-process/number-tally.ts'
import type { Relation } from '../../src/count/relation.ts'
import { openSource, type OpenSource } from '../../src/count/scan-source.ts'
import { Workbench } from '../../src/kernels/workbench.ts'
import { wantedRanks, type ColumnRanks } from '../../src/profile/column-ranks.ts'
import { profileNumbers, type ProfiledNumbers } from '../../src/profile/profile-numbers.ts'
import { ranksInMemory } from '../../src/profile/ranks-in-memory.ts'
import { sample, uniform } from '../random.ts'
import { origins, ROWS, strange } from '../strange-columns.ts'
import { columnsOf, double, tableOf, type Columns } from '../tables.ts'

/** With so many rows, columns are measured in SQL. */
const TOO_MANY = 1e9

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

describe('columns measured in memory', () => {
  it('are as in SQL, however strange their numbers are', async () => {
    const [memory, statements] = await bothWays(strange)
    expect(memory).toEqual(statements)
    expect(memory.map(({ facts }) => facts.origin !== null)).toEqual(
      Object.keys(strange).map((name) => name in origins),
    )
    expect(memory[0]?.binned.finite).toBe(ROWS)
  })

  it('are as in SQL for any doubles', async () => {
    const numbers = fc.array(fc.option(fc.oneof(fc.double(), fc.integer(), fc.constantFrom(0, -0, 1, NaN))), {
      maxLength: 400,
      size: 'max',
    })
    await fc.assert(
      fc.asyncProperty(numbers, async (x) => {
        const [memory, statements] = await bothWays({ x: double(x) })
        expect(memory).toEqual(statements)
      }),
      { numRuns: 20 },
    )
  })

  it('may have more rows than were said, and more columns than are in memory at once', async () => {
    const columns = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`x${index}`, double([index, index + 1, null, index + 3])]),
    )
    const table = await tableOf(warehouse, columns)
    const measured = await profileNumbers(warehouse, table, rowsOf(table), columnsOf(columns), 1, 1)
    expect(measured.map(({ facts }) => facts.minimum)).toEqual(Array.from({ length: 40 }, (_, index) => index))
    expect(measured.map(({ binned }) => [binned.rows, binned.nulls])).toEqual(Array.from({ length: 40 }, () => [4, 1]))
  })

  it('have the same bytes when the rows are shuffled', async () => {
    const columns = Object.fromEntries(
      Object.entries(strange).filter(([name]) => !['nearly infinite', 'ends', 'mixed'].includes(name)),
    )
    const texts = await Promise.all(
      [0, 1, 2].map(async (seed) => {
        const table = await tableOf(warehouse, shuffled(columns, seed))
        return JSON.stringify(await profileNumbers(warehouse, table, rowsOf(table), columnsOf(columns), ROWS, 1))
      }),
    )
    expect(new Set(texts).size).toBe(1)
  })
})

it('numbers are counted in this process where DuckDB has up to eight cores and each row counts as one', async () => {
  const source = rowsOf(await tableOf(warehouse, { x: double([1]) }))
  expect([1, 8, 9].map((cores) => countsHere(warehouse, source, cores))).toEqual([true, true, false])
  const weight = { column: sql.id('x'), weightOf: () => 1, scaleOf: () => 1 }
  expect(countsHere(warehouse, { ...source, weight }, 1)).toBe(false)
  expect(countsHere({ engine: 'snowflake' }, source, 1)).toBe(false)
})

describe('ranks in memory', () => {
  const numbers = fc.oneof(
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3000, size: 'max' }),
    fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3000, size: 'max' }),
    fc.array(fc.oneof(fc.integer({ min: 0, max: 1e6 }), fc.constant(7)), { maxLength: 3000, size: 'max' }),
  )

  it('are those of sorting', () => {
    fc.assert(
      fc.property(numbers, (drawn) => {
        const values = Float64Array.from(drawn, (value) => value + 0)
        const sorted = values.toSorted()
        const { count, minimum, maximum, at } = ranksOf(values)
        expect({ count, minimum, maximum }).toEqual({
          count: values.length,
          minimum: sorted[0] ?? null,
          maximum: sorted.at(-1) ?? null,
        })
        expect([...at]).toHaveLength(wantedRanks(count).length)
        for (const [rank, value] of at) expect(value).toBe(sorted[rank])
      }),
    )
  })

  it('are those of sorting when the sample sees none of the other rows', () => {
    const draw = uniform(162)
    // Of 65,536 rows, the sample takes one in 64.
    const values = Float64Array.from({ length: 65_536 }, (_, row) => (row % 8 === 0 ? 1e6 : draw()))
    const sorted = values.toSorted()
    const { at } = ranksOf(values)
    for (const [rank, value] of at) expect(value).toBe(sorted[rank])
    expect(at.size).toBeGreaterThan(150)
  })
})

describe('sums', () => {
  /** Numbers with all their digits, of very different sizes. */
  const long = (draw: () => number): number => (draw() - 0.5) * 10 ** Math.floor(draw() * 12 - 6)
  /** Amounts whose sums are exact, or in the middle between two doubles. */
  const quarters = (draw: () => number): number => Math.round((draw() - 0.5) * 2 ** 40) / 4

  it.each([
    ['long', long, 0.3],
    ['quarters', quarters, 0.5],
  ] as const)('of %s numbers are the same in any order, and as exact arithmetic has them', (_, number, centre) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 400 }), (seed, rows) => {
        const draw = uniform(seed)
        const drawn = sample(rows, () => number(draw))
        const found = tallyOf(drawn, centre)
        const ascending = drawn.toSorted((a, b) => a - b)
        expect(tallyOf(ascending, centre)).toEqual(found)
        expect(tallyOf(shuffledList(drawn, seed), centre)).toEqual(found)
        const distances = drawn.map((value) => value - centre)
        expect(found.sums).toEqual([exactSum(distances)])
        expect(found.squares).toEqual([exactSum(distances.map((distance) => distance * distance))])
      }),
    )
  })
})

function ranksOf(values: Float64Array): ColumnRanks {
  using bench = Workbench.take()
  const numbers = new FiniteNumbers(bench, 1, values.length)
  numbers.add({ type: 'double', values, nulls: null }, null)
  return ranksInMemory(bench, numbers)
}

function tallyOf(values: readonly number[], centre: number) {
  using bench = Workbench.take()
  const tally = new NumberTally(bench, { name: 'x', type: 'double', origin: null, edges: [], centre }, 1)
  const numbers = new FiniteNumbers(bench, 1, 1)
  // In two batches, the second of which needs more room than there is.
  for (const some of [values.slice(0, 1), values.slice(1)]) {
    numbers.forgetNumbers()
    numbers.add({ type: 'double', values: Float64Array.from(some), nulls: null }, null)
    tally.add(numbers)
  }
  return tally.windows(numbers)[0] ?? expect.fail()
}

/** Adds whole multiples of 2^-1074 and rounds once. */
function exactSum(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + units(value), 0n)
  const digits = sum < 0n ? -sum : sum
  const drop = BigInt(Math.max(0, digits.toString(2).length - 64))
  // 64 bits are left, the last of which says whether anything was dropped, so that the rest is rounded once.
  const kept = digits >> drop
  const sticky = kept << drop === digits ? kept : kept | 1n
  const magnitude = scaled(Number(sticky), Number(drop) - 1074)
  return sum < 0n ? -magnitude : magnitude
}

function units(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, Math.abs(value))
  const bits = view.getBigUint64(0)
  const exponent = bits >> 52n
  const fraction = bits & 0xf_ffff_ffff_ffffn
  const magnitude = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return value < 0 ? -magnitude : magnitude
}

/** value · 2^exponent, where the result is far from both ends of doubles or exact. */
function scaled(value: number, exponent: number): number {
  return exponent < -1000 ? value * 2 ** -1000 * 2 ** (exponent + 1000) : value * 2 ** exponent
}

async function bothWays(columns: Columns): Promise<readonly [readonly ProfiledNumbers[], readonly ProfiledNumbers[]]> {
  const table = await tableOf(warehouse, columns)
  const rows = Object.values(columns)[0]?.values.length ?? 0
  return [
    (await profileNumbers(warehouse, table, rowsOf(table), columnsOf(columns), rows, 1)).map(plain),
    (await profileNumbers(warehouse, table, rowsOf(table), columnsOf(columns), TOO_MANY, 1)).map(plain),
  ]
}

function rowsOf(table: Relation): OpenSource {
  return openSource(warehouse, { relation: table, time: null, windows: [] })
}

/** Both zeros are one number. */
function plain({ bins, facts, binned }: ProfiledNumbers): ProfiledNumbers {
  const zero = (value: number | null): number | null => (value === 0 ? 0 : value)
  return { bins, facts: { ...facts, minimum: zero(facts.minimum), maximum: zero(facts.maximum) }, binned }
}

function shuffled(columns: Columns, seed: number): Columns {
  const order = shuffledList(
    Array.from({ length: ROWS }, (_, row) => row),
    seed,
  )
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      { ...column, values: order.map((row) => column.values[row]) },
    ]),
  ) as Columns
}

function shuffledList<T>(values: readonly T[], seed: number): readonly T[] {
  const draw = uniform(seed)
  return values
    .map((value) => ({ value, place: draw() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
}
