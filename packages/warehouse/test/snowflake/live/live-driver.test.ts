import { openSnowflake, rowsOf, sql } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../support/errors.ts'
import { createLiveDatabase, type LiveDatabase } from './live-database.ts'
import { whyNotLive } from './why-skipped.ts'

// What needs two sessions, waiting, or a session that somebody else ends. Cancelling by a signal is in the contract.
describe.skipIf(whyNotLive !== undefined)(
  `the driver on an account${whyNotLive === undefined ? '' : ` (${whyNotLive})`}`,
  () => {
    let database: LiveDatabase
    let warehouse: Warehouse
    beforeAll(async () => {
      database = await createLiveDatabase()
      warehouse = await openSnowflake(database.options)
      await warehouse.run(sql`CREATE TABLE counters (k NUMBER(19, 0), n NUMBER(19, 0))`)
      await warehouse.run(sql`INSERT INTO counters (k, n) SELECT 1, 0`)
    })
    afterAll(async () => {
      try {
        await warehouse.close()
      } finally {
        await database.drop()
      }
    })

    it('a statement that takes too long is stopped and named', async () => {
      const impatient = await openSnowflake({ ...database.options, timeoutSeconds: 2 })
      expect(await codeOf(impatient.read(sql`SELECT SYSTEM$WAIT(30) AS w`))).toMatchObject({
        code: 'STATEMENT_TIMEOUT',
        data: { seconds: 2 },
      })
      expect((await impatient.read(sql`SELECT 1 AS one`)).rows).toBe(1)
      await impatient.close()
    })

    it('a row that another transaction holds is a conflict with the number 000625 when the wait for it ends', async () => {
      await warehouse.session(async (holder) => {
        await holder.run(sql`BEGIN`)
        try {
          await holder.run(sql`UPDATE counters SET n = n + 1 WHERE k = 1`)
          await warehouse.session(async (waiting) => {
            await waiting.run(sql`ALTER SESSION SET LOCK_TIMEOUT = 2`)
            expect(await codeOf(waiting.run(sql`UPDATE counters SET n = n + 1 WHERE k = 1`))).toMatchObject({
              code: 'TRANSACTION_CONFLICT',
              data: { code: expect.stringMatching(/^0*625$/) },
            })
          })
        } finally {
          await holder.run(sql`ROLLBACK`)
        }
      })
    })

    it('a second writer of a row waits for the first one and counts on top of it', async () => {
      await Promise.all([1, 2].map(() => warehouse.run(sql`UPDATE counters SET n = n + 1 WHERE k = 1`)))
      expect(rowsOf(await warehouse.read(sql`SELECT n FROM counters WHERE k = 1`))).toEqual([{ n: 2n }])
    })

    it('a session that somebody else ended loses its transaction and says so', async () => {
      const lost = warehouse.transaction(async (transaction) => {
        const [{ id } = {}] = rowsOf(await transaction.read(sql`SELECT CURRENT_SESSION() AS id`))
        await transaction.run(sql`INSERT INTO counters (k, n) SELECT 9, 9`)
        await warehouse.read(sql`SELECT SYSTEM$ABORT_SESSION(TO_NUMBER(${String(id)})) AS ended`)
        await transaction.run(sql`INSERT INTO counters (k, n) SELECT 9, 10`)
      })
      expect((await codeOf(lost)).code).toBe('SESSION_LOST')
      expect((await warehouse.read(sql`SELECT n FROM counters WHERE k = 9`)).rows).toBe(0)
    })
  },
)
