import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { columnBatch, dropTable, ensureTable, rowsOf, tableRef, temporaryTableName } from '@martlet/warehouse'
import type { ColumnBatch, Warehouse } from '@martlet/warehouse'
import { arbitraryBatch, specsOf } from '../support/arbitrary-batch.ts'
import { check } from '../support/property.ts'
import { codeOf } from '../support/errors.ts'
import { bulkContract } from './bulk-contract.ts'
import { columnContract } from './column-contract.ts'
import { tableContract } from './table-contract.ts'
import { transactionContract } from './transaction-contract.ts'

export interface ContractContext {
  /** The warehouse under test; a new schema of its own is made in it and dropped afterwards. */
  readonly open: () => Promise<Warehouse>
}

/** What the suites below work with; filled before the first test. */
export interface ContractState {
  warehouse: Warehouse
  schema: string
}

/** What every engine must do, written without a word of its dialect. */
export function warehouseContract(name: string, context: ContractContext): void {
  describe(`${name} as a warehouse`, () => {
    const state = {} as ContractState

    beforeAll(async () => {
      state.warehouse = await context.open()
      state.schema = temporaryTableName('contract')
    })

    afterAll(async () => {
      await state.warehouse.run(sql`DROP SCHEMA IF EXISTS ${tableRef(state.schema)} CASCADE`)
      await state.warehouse.close()
    })

    columnContract(state)
    transactionContract(state)
    tableContract(state)
    bulkContract(state)

    it('keeps every value and null through append and read, over any number of rows', async () => {
      await check(
        fc.asyncProperty(arbitraryBatch({ maxRows: 5000 }), async (batch) => {
          const table = `${state.schema}.${temporaryTableName('round_trip')}`
          await ensureTable(state.warehouse, { table, columns: specsOf(batch) })
          expect(await state.warehouse.append(table, batch)).toBe(batch.rows)
          expect(sorted(await state.warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY row_id`))).toEqual(
            sorted(batch),
          )
          await dropTable(state.warehouse, table)
        }),
        { runs: 15 },
      )
    })

    it('streams the same rows as read, in batches no larger than asked', async () => {
      const { leaves } = state.warehouse
      const range = leaves.series({ from: sql`b.f`, to: sql`b.t`, alias: 'n', column: 'i' })
      const query = sql`SELECT n.i AS i, n.i * 2 AS twice FROM (SELECT 0 AS f, 10000 AS t) AS b, ${range} ORDER BY i`
      const whole = await state.warehouse.read(query)
      const rows: unknown[] = []
      const sizes: number[] = []
      for await (const batch of state.warehouse.stream(query, { batchRows: 700 })) {
        sizes.push(batch.rows)
        rows.push(...rowsOf(batch))
      }
      expect(rows).toEqual(rowsOf(whole))
      expect(Math.max(...sizes)).toBeLessThanOrEqual(700)
    })

    it('streams the same doubles into the same arrays, with the nulls of each batch', async () => {
      const { leaves } = state.warehouse
      const range = leaves.series({ from: sql`b.f`, to: sql`b.t`, alias: 'n', column: 'i' })
      const half = leaves.toDouble(sql`CASE WHEN n.i < 3000 AND n.i % 3 = 0 THEN NULL ELSE n.i * 0.5 END`)
      const query = sql`SELECT n.i AS i, ${half} AS half FROM (SELECT 0 AS f, 10000 AS t) AS b, ${range} ORDER BY i`
      const whole = rowsOf(await state.warehouse.read(query))
      for (const batchRows of [700, 5000]) {
        const rows: unknown[] = []
        for await (const batch of state.warehouse.stream(query, { batchRows, reuse: true })) {
          expect(batch.rows).toBeLessThanOrEqual(batchRows)
          rows.push(...rowsOf(batch))
        }
        expect(rows).toEqual(whole)
      }
    })

    it('stops reading when the consumer stops, and goes on working', async () => {
      const { leaves } = state.warehouse
      const range = leaves.series({ from: sql`b.f`, to: sql`b.t`, alias: 'n', column: 'i' })
      for await (const batch of state.warehouse.stream(
        sql`SELECT n.i AS i FROM (SELECT 0 AS f, 1000000 AS t) AS b, ${range}`,
        { batchRows: 10 },
      )) {
        expect(batch.rows).toBe(10)
        break
      }
      expect((await state.warehouse.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    })

    it('gives the names and types of a result without rows', async () => {
      const batch = await state.warehouse.read(
        sql`SELECT CAST(1 AS ${state.warehouse.leaves.columnType('double')}) AS x WHERE 1 = 0`,
      )
      expect(batch).toEqual({
        rows: 0,
        names: ['x'],
        columns: [{ type: 'double', values: new Float64Array(0), nulls: null }],
      })
    })

    it('tells a failed statement with its text and never runs two at once', async () => {
      const failure = await codeOf(state.warehouse.read(sql`SELECT nothing_like_it FROM nowhere_at_all`))
      expect(failure).toMatchObject({ code: 'SQL_FAILED', data: { sql: 'SELECT nothing_like_it FROM nowhere_at_all' } })
      expect((await codeOf(state.warehouse.run(sql`SELECT 1; SELECT 2`))).code).toBe('SQL_FAILED')
    })

    it('stops a statement by its signal, before and during it', async () => {
      const { leaves } = state.warehouse
      const range = (alias: string) => leaves.series({ from: sql`b.f`, to: sql`b.t`, alias, column: 'i' })
      const endless = sql`SELECT SUM(x.i * y.i) AS s FROM (SELECT 0 AS f, 2000000 AS t) AS b, ${range('x')}, ${range('y')}`
      expect((await codeOf(state.warehouse.read(endless, { signal: AbortSignal.abort() }))).code).toBe('CANCELLED')
      const stop = new AbortController()
      const failure = codeOf(state.warehouse.read(endless, { signal: stop.signal }))
      setTimeout(() => stop.abort(), 50)
      expect((await failure).code).toBe('CANCELLED')
      expect(rowsOf(await state.warehouse.read(sql`SELECT 1 AS one`))).toEqual([{ one: 1 }])
    })

    it('runs statements at the same time', async () => {
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, n) => state.warehouse.read(sql`SELECT ${n} AS n`)),
      )
      expect(results.map((batch) => rowsOf(batch)[0])).toEqual(Array.from({ length: 12 }, (_, n) => ({ n })))
    })

    it('keeps a temporary table for a session and no longer', async () => {
      const table = temporaryTableName('session')
      await state.warehouse.session(async (session) => {
        await session.run(session.leaves.createTableAs(table, sql`SELECT 1 AS x`, { temporary: true }))
        expect((await session.read(sql`SELECT x FROM ${tableRef(table)}`)).rows).toBe(1)
      })
      expect((await codeOf(state.warehouse.read(sql`SELECT x FROM ${tableRef(table)}`))).code).toBe('SQL_FAILED')
    })

    it('refuses to append what does not fit, names column and row, and appends nothing', async () => {
      const table = `${state.schema}.${temporaryTableName('strict')}`
      await ensureTable(state.warehouse, {
        table,
        columns: [
          { name: 'id', type: 'text', nullable: false },
          { name: 'n', type: 'integer' },
        ],
      })
      const refused = async (batch: ColumnBatch) => (await codeOf(state.warehouse.append(table, batch))).data
      const id = { type: 'text', values: ['a', 'b'] } as const
      const n = { type: 'integer', values: [1, null] } as const
      expect(await refused(columnBatch({ id }))).toEqual({ table, column: 'n' })
      expect(await refused(columnBatch({ id, n, other: n }))).toEqual({ table, column: 'other' })
      expect(await refused(columnBatch({ id, n: { type: 'double', values: [1, 2] } }))).toEqual({ table, column: 'n' })
      expect(await refused(columnBatch({ id: { type: 'text', values: ['a', null] }, n }))).toEqual({
        table,
        column: 'id',
        row: 1,
      })
      expect(await refused({ rows: 3, names: ['id', 'n'], columns: columnBatch({ id, n }).columns })).toEqual({
        table,
        column: 'id',
      })
      expect((await state.warehouse.read(sql`SELECT * FROM ${tableRef(table)}`)).rows).toBe(0)
      expect(await codeOf(state.warehouse.append(`${state.schema}.no_such_table`, columnBatch({ id })))).toMatchObject({
        code: 'TABLE_NOT_FOUND',
      })
    })

    it('appends columns in any order and widens integers', async () => {
      const table = `${state.schema}.${temporaryTableName('wide')}`
      await ensureTable(state.warehouse, {
        table,
        columns: [
          { name: 'big', type: 'bigint' },
          { name: 'real', type: 'double' },
          { name: 'exact', type: { decimal: [10, 2] } },
        ],
      })
      const one = { type: 'integer', values: [7, null] } as const
      await state.warehouse.append(
        table,
        columnBatch({ exact: { type: 'double', values: [1.25, null] }, real: one, big: one }),
      )
      expect(rowsOf(await state.warehouse.read(sql`SELECT * FROM ${tableRef(table)} ORDER BY big NULLS LAST`))).toEqual(
        [
          { big: 7, real: 7, exact: 1.25 },
          { big: null, real: null, exact: null },
        ],
      )
      expect(
        await codeOf(
          state.warehouse.append(
            table,
            columnBatch({ exact: { type: 'double', values: [1, 1e8] }, real: one, big: one }),
          ),
        ),
      ).toMatchObject({
        code: 'APPEND_MISMATCH',
        data: { column: 'exact', row: 1 },
      })
    })

    it('refuses work after close', async () => {
      const other = await context.open()
      await other.close()
      await other.close()
      expect((await codeOf(other.read(sql`SELECT 1 AS one`))).code).toBe('WAREHOUSE_CLOSED')
    })

    it('stops what runs when it is closed', async () => {
      const other = await context.open()
      const range = (alias: string) => other.leaves.series({ from: sql`b.f`, to: sql`b.t`, alias, column: 'i' })
      const endless = codeOf(
        other.read(
          sql`SELECT SUM(x.i * y.i) AS s FROM (SELECT 0 AS f, 2000000 AS t) AS b, ${range('x')}, ${range('y')}`,
        ),
      )
      const batches = other.stream(sql`SELECT x.i FROM (SELECT 0 AS f, 2000000 AS t) AS b, ${range('x')}`, {
        batchRows: 10,
      })
      const stream = batches[Symbol.asyncIterator]()
      await stream.next()
      setTimeout(() => void other.close(), 50)
      expect((await endless).code).toBe('WAREHOUSE_CLOSED')
      await other.close()
      expect((await codeOf(stream.next())).code).toBe('WAREHOUSE_CLOSED')
    })
  })
}

function sorted(batch: ColumnBatch): Readonly<Record<string, unknown>> {
  return Object.fromEntries(batch.names.map((name, index) => [name, batch.columns[index]]))
}
