import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDuckDb } from '../../src/index.ts'
import { sql } from '../../src/sql.ts'
import type { Warehouse } from '../../src/warehouse.ts'

/** Many chunks, and more than DuckDB keeps of a stream. */
const MANY = sql`SELECT CAST(i AS DOUBLE) AS x, CAST(-i AS DOUBLE) AS y FROM range(400000) AS numbers(i)`
/** Fails at a row of a late chunk. */
const FAILING = sql`SELECT CASE WHEN i = 390000 THEN error('late') ELSE i END AS x FROM range(400000) AS numbers(i)`

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckDb()
})
afterAll(() => warehouse.close())

describe('a stream, whose next chunk is fetched while one is read', () => {
  it.each([true, false])('has every row once, in order (reuse: %s)', async (reuse) => {
    let rows = 0
    for await (const { columns, rows: more } of warehouse.stream(MANY, { batchRows: 3000, reuse })) {
      const [x, y] = columns
      if (x?.type !== 'double' || y?.type !== 'double') throw new TypeError('doubles were asked for')
      for (let row = 0; row < more; row += 1, rows += 1)
        if (x.values[row] !== rows || y.values[row] !== -rows) expect.fail(`row ${rows} is ${x.values[row]}`)
    }
    expect(rows).toBe(400_000)
  })

  it('that is left leaves the connection free, whatever the next chunk is', async () => {
    await warehouse.session(async (session) => {
      for (const query of [MANY, FAILING]) {
        for await (const { rows } of session.stream(query, { batchRows: 100 })) {
          expect(rows).toBe(100)
          break
        }
        expect((await session.read(sql`SELECT 1 AS one`)).rows).toBe(1)
      }
    })
  })

  it('ends between two batches of a chunk when its signal is aborted', async () => {
    await warehouse.session(async (session) => {
      const stop = new AbortController()
      const stream = session.stream(MANY, { batchRows: 10, signal: stop.signal })[Symbol.asyncIterator]()
      expect((await stream.next()).value).toMatchObject({ rows: 10 })
      stop.abort()
      await expect(stream.next()).rejects.toMatchObject({ code: 'CANCELLED' })
      expect((await session.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    })
  })

  it.each([
    ['of its own', (read: (of: Warehouse) => Promise<void>) => read(warehouse)],
    ['of a session', (read: (of: Warehouse) => Promise<void>) => warehouse.session(read)],
  ])('fails with the reason when a late row does, on a connection %s, which works afterwards', async (_, connected) => {
    await connected(async (session) => {
      let rows = 0
      const read = async (): Promise<void> => {
        for await (const batch of session.stream(FAILING, { batchRows: 1000 })) rows += batch.rows
      }
      await expect(read()).rejects.toMatchObject({ code: 'SQL_FAILED', message: expect.stringContaining('late') })
      expect(rows).toBeLessThan(390_000)
      expect((await session.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    })
  })

  it('fails with the reason when its query ends with a comment', async () => {
    const read = async (): Promise<void> => {
      for await (const { rows } of warehouse.stream(sql`${FAILING} -- all of them`)) expect(rows).toBeGreaterThan(0)
    }
    await expect(read()).rejects.toMatchObject({ code: 'SQL_FAILED', message: expect.stringContaining('late') })
  })

  it('of a statement that is no query keeps what it wrote', async () => {
    await warehouse.run(sql`CREATE TABLE written (i BIGINT)`)
    let rows = 0
    for await (const batch of warehouse.stream(sql`INSERT INTO written SELECT i FROM range(5000) AS n(i) RETURNING i`))
      rows += batch.rows
    expect(rows).toBe(5000)
    const kept = await warehouse.read(sql`SELECT i FROM written`)
    expect(kept.rows).toBe(5000)
  })

  it('fails inside a transaction when a late row does, and the transaction with it', async () => {
    await warehouse.session((session) => session.run(sql`CREATE TABLE kept AS SELECT 1 AS one`))
    const work = warehouse.transaction(async (inside) => {
      await inside.run(sql`INSERT INTO kept VALUES (2)`)
      for await (const { rows } of inside.stream(FAILING, { batchRows: 1000 })) expect(rows).toBeGreaterThan(0)
    })
    await expect(work).rejects.toMatchObject({
      code: 'SQL_FAILED',
      message: expect.stringContaining('could not be computed after others had been read'),
    })
    expect((await warehouse.read(sql`SELECT one FROM kept`)).rows).toBe(1)
  })

  it('sees the rows of the transaction that it is in', async () => {
    await warehouse.transaction(async (inside) => {
      await inside.run(sql`CREATE TABLE mine AS SELECT 1 AS one`)
      let rows = 0
      for await (const batch of inside.stream(sql`SELECT one FROM mine`)) rows += batch.rows
      expect(rows).toBe(1)
      await inside.run(sql`INSERT INTO mine VALUES (2)`)
    })
    expect((await warehouse.read(sql`SELECT one FROM mine`)).rows).toBe(2)
  })
})
