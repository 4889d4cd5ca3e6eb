import { columnBatch, ensureTable } from '@martlet/warehouse'
import type { Leaves, Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { snowflakeLeaves } from '@martlet/warehouse'
import { CaseBook } from './case-book.ts'
import { asof, leafCases } from './leaf-cases.ts'

let book: CaseBook
beforeAll(async () => {
  book = await CaseBook.open('leaves')
})
afterAll(() => book.close())

const micros = (text: string) => new Date(`${text}Z`)
const data = columnBatch({
  id: { type: 'integer', values: [0, 1, 2, 3, 4, 5, 6, 7, 8] },
  g: { type: 'text', values: ['a', 'a', 'a', 'b', 'b', 'b', 'b', 'c', null] },
  us: { type: 'bigint', values: [1n, 2n, 2n, -1n, 86_400_000_000n, null, 86_399_999_999n, 5n, 5n] },
  n: { type: 'bigint', values: [1n, null, -3n, 0n, 2n, 9_007_199_254_740_993n, -9_007_199_254_740_993n, 7n, 8n] },
  x: {
    type: 'double',
    values: [1.5, null, -0.25, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-7, 1e300, 3],
  },
  s: { type: 'text', values: ["o'b", null, '', 'abc', 'ä1', 'abc', '~', '1:x', 'x'] },
  b: { type: 'boolean', values: [true, null, false, true, false, true, null, true, false] },
  // Around both changes of clocks of 2024, a leap day, the epoch and the last day of a year whose ISO week is 1.
  ts: {
    type: 'timestamp',
    values: [
      micros('2024-02-29T12:34:56.789'),
      null,
      micros('2024-03-31T03:30'),
      micros('2024-10-27T12:00'),
      micros('1969-12-31T23:59:59.999'),
      micros('2024-12-30'),
      micros('2024-07-01'),
      micros('1970-01-01'),
      micros('2023-01-01T05:00'),
    ],
  },
  d: {
    type: 'date',
    values: [
      micros('2024-02-29'),
      null,
      micros('1969-12-31'),
      micros('2024-12-30'),
      micros('1970-01-01'),
      micros('2024-01-01'),
      micros('2023-01-01'),
      null,
      micros('2024-06-30'),
    ],
  },
})

const load = async (warehouse: Warehouse): Promise<void> => {
  if ((await warehouse.introspect('data')) !== undefined) return
  await ensureTable(warehouse, {
    table: 'data',
    columns: data.columns.map(({ type }, index) => ({ name: data.names[index] ?? '', type })),
  })
  await warehouse.append('data', data)
}

it.each(Object.keys(leafCases))('%s answers alike on DuckDB and on the double', async (name) => {
  expect(Object.keys(leafCases).sort()).toEqual(Object.keys(snowflakeLeaves).sort())
  const make = leafCases[name as keyof Leaves]
  expect(
    await book.record(name, async (warehouse) => {
      await load(warehouse)
      return warehouse.session(async (session) => {
        const { before = [], query } = make(session.leaves)
        for (const statement of before) await session.run(statement)
        return [await session.read(query)]
      })
    }),
  ).toBeGreaterThan(0)
})

it.each(['>=', '>', '<=', '<'] as const)(
  'an ASOF join with %s, in its own words and in the portable form',
  async (operator) => {
    const scenario = async (warehouse: Warehouse) => {
      await load(warehouse)
      return [await warehouse.read(asof(warehouse.leaves, operator))]
    }
    expect(await book.record(`asof ${operator}`, scenario, { asof: true })).toBeGreaterThan(0)
    expect(await book.record(`portable asof ${operator}`, scenario)).toBeGreaterThan(0)
  },
)
