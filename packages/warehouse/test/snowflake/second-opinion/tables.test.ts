import { columnBatch, ensureTable, evolveTable, replaceRange, sql, upsert } from '@martlet/warehouse'
import type { ColumnSpec, Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CaseBook } from './case-book.ts'

let book: CaseBook
beforeAll(async () => {
  book = await CaseBook.open('tables')
})
afterAll(() => book.close())

const day = 86_400_000_000n
const columns: readonly ColumnSpec[] = [
  { name: 'id', type: 'text', nullable: false },
  { name: 'at', type: 'timestamp', nullable: false },
  { name: 'v', type: 'double' },
]
const rowsOfThree = columnBatch({
  id: { type: 'text', values: ['a', "b'", '', 'a'] },
  at: { type: 'timestamp', values: [0n, day, day * 2n, day * 3n + 1n] },
  v: { type: 'double', values: [1.5, Number.NaN, null, -0] },
})
const all = (warehouse: Warehouse, table: string) =>
  warehouse.read(sql`SELECT * FROM ${sql.id('mart', table)} ORDER BY id, ${sql.id('at')}`)

it('values of every type come back as they went in', async () =>
  expect(
    await book.record('values', async (warehouse) => {
      const types = {
        flag: 'boolean',
        small: 'integer',
        big: 'bigint',
        real: 'double',
        words: 'text',
        at: 'timestamp',
        day: 'date',
        price: { decimal: [12, 2] },
      } as const
      await ensureTable(warehouse, {
        table: 'mart.values_of_types',
        columns: Object.entries(types).map(([name, type]) => ({ name, type })),
      })
      await warehouse.append(
        'mart.values_of_types',
        columnBatch({
          flag: { type: 'boolean', values: [null, true, false] },
          small: { type: 'integer', values: [null, -(2 ** 31), 2 ** 31 - 1] },
          big: { type: 'bigint', values: [null, -(2n ** 63n) + 1n, 2n ** 63n - 1n] },
          real: { type: 'double', values: [null, 0.1, 1.7976931348623157e308] },
          words: { type: 'text', values: [null, "o'brien \\ \n", '😀'] },
          at: { type: 'timestamp', values: [null, -1n, 1_709_210_096_789_123n] },
          day: { type: 'date', values: [null, -1, 19_782] },
          price: { type: 'double', values: [null, 12.34, -0.05] },
        }),
      )
      return [await warehouse.read(sql`SELECT * FROM mart.values_of_types ORDER BY small NULLS FIRST`)]
    }),
  ).toBeGreaterThan(0))

it('tables are made, grow columns and lose them', async () =>
  expect(
    await book.record('ensure and evolve', async (warehouse) => {
      await ensureTable(warehouse, { table: 'mart.grown', columns, clusterBy: ['id', 'at'] })
      await ensureTable(warehouse, { table: 'mart.grown', columns })
      await warehouse.append('mart.grown', rowsOfThree)
      await evolveTable(warehouse, {
        table: 'mart.grown',
        columns: [...columns, { name: 'extra', type: 'bigint' }, { name: 'note', type: 'text' }],
      })
      const grown = await all(warehouse, 'grown')
      await evolveTable(
        warehouse,
        {
          table: 'mart.grown',
          columns: [...columns.slice(0, 2), { name: 'v', type: 'text' }, { name: 'note', type: 'text' }],
        },
        { allowDrop: true },
      )
      return [
        grown,
        await warehouse.read(sql`SELECT id, ${sql.id('at')}, v, note FROM mart.grown ORDER BY id, ${sql.id('at')}`),
      ]
    }),
  ).toBeGreaterThan(0))

it('an upsert updates what is there and inserts what is not, once', async () =>
  expect(
    await book.record('upsert', async (warehouse) => {
      await ensureTable(warehouse, { table: 'mart.upserted', columns })
      await warehouse.append('mart.upserted', rowsOfThree)
      const source = sql`SELECT 'a' AS id, ${warehouse.leaves.timestamp(0n)} AS ${sql.id('at')},
        CAST(${9.5} AS ${warehouse.leaves.columnType('double')}) AS v
    UNION ALL SELECT 'new', ${warehouse.leaves.timestamp(5n)}, CAST(NULL AS ${warehouse.leaves.columnType('double')})`
      await upsert(warehouse, { table: 'mart.upserted', key: ['id', 'at'], columns: ['id', 'at', 'v'], source })
      const once = await all(warehouse, 'upserted')
      await upsert(warehouse, { table: 'mart.upserted', key: ['id', 'at'], columns: ['id', 'at', 'v'], source })
      return [once, await all(warehouse, 'upserted')]
    }),
  ).toBeGreaterThan(0))

it('a range is replaced, and again', async () =>
  expect(
    await book.record('replace a range', async (warehouse) => {
      await ensureTable(warehouse, { table: 'mart.replaced', columns })
      await warehouse.append('mart.replaced', rowsOfThree)
      const { leaves } = warehouse
      const rows = sql`SELECT 'z' AS id, ${leaves.timestamp(day)} AS ${sql.id('at')},
        CAST(1 AS ${leaves.columnType('double')}) AS v UNION ALL SELECT 'y', ${leaves.timestamp(day * 3n - 1n)},
          CAST(2 AS ${leaves.columnType('double')})`
      const range = { table: 'mart.replaced', column: 'at', from: day, to: day * 3n, rows, orderBy: [sql.id('id')] }
      await replaceRange(warehouse, range)
      const once = await all(warehouse, 'replaced')
      await replaceRange(warehouse, range)
      return [once, await all(warehouse, 'replaced')]
    }),
  ).toBeGreaterThan(0))

it('a transaction that fails leaves nothing, and one that ends all of it', async () =>
  expect(
    await book.record('transactions', async (warehouse) => {
      await ensureTable(warehouse, { table: 'mart.moved', columns })
      await warehouse.transaction(async (transaction) => {
        await transaction.append('mart.moved', rowsOfThree)
        await transaction.run(sql`UPDATE mart.moved SET v = v + 1 WHERE id = ${'a'}`)
      })
      await warehouse
        .transaction(async (transaction) => {
          await transaction.run(sql`DELETE FROM mart.moved`)
          throw new Error('changed my mind')
        })
        .catch(() => undefined)
      return [await all(warehouse, 'moved')]
    }),
  ).toBeGreaterThan(0))
