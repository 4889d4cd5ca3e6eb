import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDuckDb, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'

let warehouse: Warehouse
beforeEach(async () => {
  warehouse = await openDuckDb()
  await warehouse.run(sql`CREATE TABLE t AS SELECT 1 AS id, 0 AS n`)
})
afterEach(() => warehouse.close())

const n = async () => rowsOf(await warehouse.read(sql`SELECT n FROM t`))[0]?.['n']
const add = (to: Warehouse, amount: number) => to.run(sql`UPDATE t SET n = n + ${amount}`)

/** A transaction that has changed the row and commits when told. */
function holdRow(): { readonly held: Promise<void>; readonly commit: () => Promise<unknown> } {
  const held = Promise.withResolvers<void>()
  const wait = Promise.withResolvers<void>()
  const done = warehouse.transaction(async (transaction) => {
    await add(transaction, 1)
    held.resolve()
    await wait.promise
  })
  return {
    held: held.promise,
    commit: () => {
      wait.resolve()
      return done
    },
  }
}

describe('two transactions that change one row', () => {
  it('both count: the later one runs again when the first has committed', async () => {
    const first = holdRow()
    await first.held
    let runs = 0
    await warehouse.transaction(async (transaction) => {
      runs++
      const failure = runs === 1 ? await codeOf(add(transaction, 10)) : undefined
      if (failure === undefined) return void (await add(transaction, 10))
      await first.commit()
      throw failure
    })
    expect(runs).toBe(2)
    expect(await n()).toBe(11)
  })

  it('end in an error when the first does not let go', async () => {
    const first = holdRow()
    await first.held
    let runs = 0
    const failure = await codeOf(
      warehouse.transaction((transaction) => {
        runs++
        return add(transaction, 10)
      }),
    )
    expect(failure).toMatchObject({ code: 'TRANSACTION_CONFLICT', data: { sql: 'UPDATE t SET n = n + $1' } })
    expect(failure.message).toContain('Run the whole transaction again')
    expect(runs).toBe(5)
    expect((await codeOf(add(warehouse, 10))).code).toBe('TRANSACTION_CONFLICT')
    await first.commit()
    expect(await n()).toBe(1)
  })

  it('a nested unit is not repeated by itself, since its transaction is lost', async () => {
    const first = holdRow()
    await first.held
    let inner = 0
    let outer = 0
    await codeOf(
      warehouse.transaction(async (transaction) => {
        outer++
        await transaction.transaction((same) => {
          inner++
          return add(same, 10)
        })
      }),
    )
    expect([outer, inner]).toEqual([5, 5])
    await first.commit()
  })

  it('other errors are not repeated', async () => {
    let runs = 0
    await codeOf(
      warehouse.transaction(async (transaction) => {
        runs++
        await transaction.run(sql`SELECT error('no')`)
      }),
    )
    expect(runs).toBe(1)
  })
})
