import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { columnBatch, ensureTable, rowsOf, tableRef, temporaryTableName } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import type { ContractState } from './warehouse-contract.ts'

export function transactionContract(state: ContractState): void {
  const newTable = async (): Promise<string> => {
    const table = `${state.schema}.${temporaryTableName('accounts')}`
    await ensureTable(state.warehouse, {
      table,
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'amount', type: 'integer' },
      ],
    })
    await state.warehouse.append(
      table,
      columnBatch({ id: { type: 'integer', values: [1, 2] }, amount: { type: 'integer', values: [0, 0] } }),
    )
    return table
  }
  const total = async (table: string, from: Warehouse = state.warehouse) =>
    rowsOf(await from.read(sql`SELECT SUM(amount) AS total FROM ${tableRef(table)}`))[0]?.['total']

  it('commits all of a transaction and shows none of it before', async () => {
    const table = await newTable()
    const result = await state.warehouse.transaction(async (transaction) => {
      expect(await transaction.run(sql`UPDATE ${tableRef(table)} SET amount = 5`)).toBe(2)
      expect(await total(table, transaction)).toBe(10)
      expect(await total(table)).toBe(0)
      return 'done'
    })
    expect(result).toBe('done')
    expect(await total(table)).toBe(10)
  })

  it('rolls back and rethrows what the work threw', async () => {
    const table = await newTable()
    const reason = new Error('enough')
    await expect(
      state.warehouse.transaction(async (transaction) => {
        await transaction.run(sql`UPDATE ${tableRef(table)} SET amount = 5`)
        throw reason
      }),
    ).rejects.toBe(reason)
    expect(await total(table)).toBe(0)
  })

  it('joins a transaction that is open already', async () => {
    const table = await newTable()
    await codeOf(
      state.warehouse.transaction(async (outer) => {
        await outer.transaction((inner) => inner.run(sql`UPDATE ${tableRef(table)} SET amount = 5`))
        await outer.append(
          table,
          columnBatch({ id: { type: 'integer', values: [3] }, amount: { type: 'integer', values: [7] } }),
        )
        expect(await total(table, outer)).toBe(17)
        await outer.read(sql`SELECT nothing FROM nowhere_at_all`)
      }),
    )
    expect(await total(table)).toBe(0)
  })

  it('loses no update when transactions change the same row at once', async () => {
    const table = await newTable()
    const add = () =>
      state.warehouse.transaction(async (transaction) => {
        const [row] = rowsOf<{ amount: number }>(
          await transaction.read(sql`SELECT amount FROM ${tableRef(table)} WHERE id = 1`),
        )
        await transaction.run(sql`UPDATE ${tableRef(table)} SET amount = ${(row?.amount ?? 0) + 1} WHERE id = 1`)
      })
    const settled = await Promise.allSettled([add(), add(), add()])
    const done = settled.filter(({ status }) => status === 'fulfilled').length
    const codes = settled.flatMap((result) =>
      result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
    )
    expect(codes.every((code) => code === 'TRANSACTION_CONFLICT')).toBe(true)
    expect(done).toBeGreaterThan(0)
    expect(await total(table)).toBe(done)
  })

  it('ends with its work: the warehouse of a transaction is of no use afterwards', async () => {
    const kept = await state.warehouse.transaction(async (transaction) => transaction)
    expect((await codeOf(kept.read(sql`SELECT 1 AS one`))).code).toBe('TRANSACTION_ENDED')
  })

  it('refuses a statement while a stream of the same transaction is open', async () => {
    await state.warehouse.transaction(async (transaction) => {
      for await (const batch of transaction.stream(sql`SELECT 1 AS one`)) {
        expect(batch.rows).toBe(1)
        expect((await codeOf(transaction.read(sql`SELECT 2 AS two`))).code).toBe('STREAM_OPEN')
      }
      expect((await transaction.read(sql`SELECT 2 AS two`)).rows).toBe(1)
    })
  })
}
