import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  bulkRead,
  columnBatch,
  dropTable,
  ensureTable,
  loadFile,
  openDuckDb,
  rowsOf,
  tableRef,
  temporaryTableName,
  upsertBatches,
  upsertFile,
  writeParquet,
} from '@martlet/warehouse'
import type { ColumnBatch, ColumnSpec, Sql, Warehouse } from '@martlet/warehouse'
import { arbitraryBatch, specsOf } from '../support/arbitrary-batch.ts'
import { codeOf } from '../support/errors.ts'
import { check } from '../support/property.ts'
import type { ContractState } from './warehouse-contract.ts'

/** What comes and goes as files on engines that are far away; the engine under test takes a batch of some hundred rows as one. */
export function bulkContract(state: ContractState): void {
  const newTable = async (columns: readonly ColumnSpec[]): Promise<string> => {
    const table = `${state.schema}.${temporaryTableName('bulk')}`
    await ensureTable(state.warehouse, { table, columns })
    return table
  }
  const inOrder = (table: string): Sql => sql`SELECT * FROM ${tableRef(table)} ORDER BY row_id`
  const count = async (table: string, warehouse: Warehouse = state.warehouse) =>
    rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${tableRef(table)}`))[0]?.['n']
  const numbered = (from: number, to: number, value: string): ColumnBatch =>
    columnBatch({
      row_id: { type: 'integer', values: Array.from({ length: to - from }, (_, index) => from + index) },
      value: { type: 'text', values: Array.from({ length: to - from }, () => value) },
    })

  describe('many rows', () => {
    let folder: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'bulk-contract-'))
    })
    afterAll(() => rm(folder, { recursive: true, force: true }))

    it('come back as they were through append, bulkRead, writeParquet and loadFile', async () => {
      await check(
        fc.asyncProperty(arbitraryBatch({ maxRows: 5000 }), async (batch) => {
          const [table, again] = [await newTable(specsOf(batch)), await newTable(specsOf(batch))]
          expect(await state.warehouse.append(table, batch)).toBe(batch.rows)
          const expected = await state.warehouse.read(inOrder(table))
          expect(expected).toEqual(batch)

          await using duckdb = await openDuckDb()
          await ensureTable(duckdb, { table: 'seen', columns: specsOf(batch) })
          for await (const some of bulkRead(state.warehouse, sql`SELECT * FROM ${tableRef(table)}`, {
            batchRows: 3000,
          })) {
            expect(some.rows).toBeLessThanOrEqual(3000)
            expect(typesOf(some)).toEqual(typesOf(expected))
            await duckdb.append('seen', some)
          }
          expect(await duckdb.read(inOrder('seen'))).toEqual(expected)

          const path = join(folder, 'rows.parquet')
          expect(await writeParquet(state.warehouse, sql`SELECT * FROM ${tableRef(table)}`, path)).toEqual({
            rows: batch.rows,
          })
          expect(await duckdb.read(sql`SELECT * FROM read_parquet(${sql.lit(path)}) ORDER BY row_id`)).toEqual(expected)
          expect(await loadFile(state.warehouse, { table: again, path, mode: 'append' })).toEqual({ rows: batch.rows })
          expect(await state.warehouse.read(inOrder(again))).toEqual(expected)
          for (const name of [table, again]) await dropTable(state.warehouse, name)
        }),
        { runs: 3 },
      )
    })

    it('are appended inside a transaction, seen only in it and gone with it', async () => {
      const table = await newTable([
        { name: 'row_id', type: 'integer' },
        { name: 'value', type: 'text' },
      ])
      const reason = new Error('enough')
      const work = state.warehouse.transaction(async (transaction) => {
        await transaction.append(table, numbered(0, 5000, 'a'))
        expect(await count(table, transaction)).toBe(5000)
        expect(await count(table)).toBe(0)
        throw reason
      })
      await expect(work).rejects.toBe(reason)
      expect(await count(table)).toBe(0)
    })

    it('are upserted from batches and files: existing keys updated, others inserted, other columns kept', async () => {
      const table = await newTable([
        { name: 'row_id', type: 'integer' },
        { name: 'value', type: 'text' },
        { name: 'kept', type: 'double' },
      ])
      await state.warehouse.append(
        table,
        columnBatch({
          row_id: { type: 'integer', values: [3999, 9999] },
          value: { type: 'text', values: ['old', 'old'] },
          kept: { type: 'double', values: [0.5, -0] },
        }),
      )
      expect(
        await upsertBatches(state.warehouse, {
          table,
          key: ['row_id'],
          batches: [numbered(0, 4000, 'a'), numbered(4000, 4002, 'a')],
        }),
      ).toEqual({ rows: 4002 })
      expect(
        rowsOf(await state.warehouse.read(sql`SELECT * FROM ${tableRef(table)} WHERE row_id >= 3998 ORDER BY row_id`)),
      ).toEqual([
        { row_id: 3998, value: 'a', kept: null },
        { row_id: 3999, value: 'a', kept: 0.5 },
        { row_id: 4000, value: 'a', kept: null },
        { row_id: 4001, value: 'a', kept: null },
        { row_id: 9999, value: 'old', kept: -0 },
      ])
      const path = join(folder, 'upsert.parquet')
      await writeParquet(
        state.warehouse,
        sql`SELECT row_id, 'b' AS value FROM ${tableRef(table)} WHERE row_id < 5000`,
        path,
      )
      expect(
        await upsertFile(state.warehouse, {
          table,
          key: ['row_id'],
          path,
          columns: { row_id: 'integer', value: 'text' },
        }),
      ).toEqual({ rows: 4002 })
      expect(
        rowsOf(
          await state.warehouse.read(
            sql`SELECT value, COUNT(*) AS n, COUNT(kept) AS k FROM ${tableRef(table)} GROUP BY value ORDER BY value`,
          ),
        ),
      ).toEqual([
        { value: 'b', n: 4002, k: 1 },
        { value: 'old', n: 1, k: 1 },
      ])
    })

    it('are refused as an upsert with a key twice, in other batches too, or null, and nothing is written', async () => {
      const table = await newTable([
        { name: 'row_id', type: 'integer' },
        { name: 'value', type: 'text' },
      ])
      await state.warehouse.append(table, numbered(0, 1, 'old'))
      const upserted = async (...batches: ColumnBatch[]) =>
        (await codeOf(upsertBatches(state.warehouse, { table, key: ['row_id'], batches }))).code
      expect(await upserted(numbered(0, 4000, 'a'), numbered(3999, 4001, 'a'))).toBe('UPSERT_DUPLICATES')
      expect(
        await upserted(
          numbered(0, 4000, 'a'),
          columnBatch({ row_id: { type: 'integer', values: [null] }, value: { type: 'text', values: ['a'] } }),
        ),
      ).toBe('UPSERT_NULL_KEY')
      expect(
        await upserted(
          columnBatch({ row_id: { type: 'integer', values: [1] }, other: { type: 'text', values: ['a'] } }),
        ),
      ).toBe('BAD_UPSERT')
      expect(
        (await codeOf(upsertBatches(state.warehouse, { table, key: [], batches: [numbered(0, 1, 'a')] }))).code,
      ).toBe('BAD_UPSERT')
      expect(
        (await codeOf(upsertFile(state.warehouse, { table: `${table}_not_there`, key: ['row_id'], path: folder })))
          .code,
      ).toBe('TABLE_NOT_FOUND')
      expect(await upsertBatches(state.warehouse, { table, key: ['row_id'], batches: [] })).toEqual({ rows: 0 })
      expect(rowsOf(await state.warehouse.read(inOrder(table)))).toEqual([{ row_id: 0, value: 'old' }])
    })

    it('keep the types of read where nothing was found, and exact decimals', async () => {
      const table = await newTable([
        { name: 'row_id', type: 'integer' },
        { name: 'price', type: { decimal: [18, 4] } },
        { name: 'at', type: 'timestamp' },
      ])
      const path = join(folder, 'none.parquet')
      const all = sql`SELECT * FROM ${tableRef(table)}`
      expect(await writeParquet(state.warehouse, all, path)).toEqual({ rows: 0 })
      await using duckdb = await openDuckDb()
      const expected = await state.warehouse.read(all)
      if (state.warehouse.engine === 'snowflake')
        expect(typesOf(await duckdb.read(sql`SELECT * FROM read_parquet(${sql.lit(path)})`))).toEqual(typesOf(expected))
      await state.warehouse.append(
        table,
        columnBatch({
          row_id: { type: 'integer', values: [1, 2] },
          price: { type: 'double', values: [98765432101234.5678, null] },
          at: { type: 'timestamp', values: [-1n, null] },
        }),
      )
      for await (const batch of bulkRead(state.warehouse, sql`${all} WHERE row_id = ${1}`))
        expect(batch).toEqual(await state.warehouse.read(sql`${all} WHERE row_id = ${1}`))
    })

    it('leave no files behind', async () => {
      const table = await newTable([
        { name: 'row_id', type: 'integer' },
        { name: 'value', type: 'text' },
      ])
      const csv = join(folder, 'bad.csv')
      await writeFile(
        csv,
        `row_id,value\n${Array.from({ length: 4000 }, (_, row) => `${row === 3000 ? 'x' : row},a`).join('\n')}\n`,
      )
      const own = await mkdtemp(join(folder, 'temporary-'))
      vi.stubEnv('TMPDIR', own)
      try {
        await state.warehouse.append(table, numbered(0, 30_000, 'a'))
        for await (const batch of bulkRead(state.warehouse, sql`SELECT * FROM ${tableRef(table)}`, { batchRows: 100 }))
          if (batch.rows > 0) break
        expect(await codeOf(loadFile(state.warehouse, { table, path: csv, mode: 'append' }))).toMatchObject({
          code: 'LOAD_BAD_CELL',
          data: { line: 3002, column: 'row_id' },
        })
        expect(
          (
            await codeOf(
              writeParquet(state.warehouse, sql`SELECT nothing FROM ${tableRef(table)}`, join(own, 'none.parquet')),
            )
          ).code,
        ).toBe('SQL_FAILED')
        // The SDK itself leaves an empty folder for each file that it copies from a local stage.
        expect((await readdir(own)).filter((name) => !name.startsWith('tmp'))).toEqual([])
      } finally {
        vi.unstubAllEnvs()
      }
      expect(await count(table)).toBe(30_000)
    })
  })
}

function typesOf(batch: ColumnBatch): readonly unknown[] {
  return batch.columns.map(({ type }, index) => [batch.names[index], type])
}
