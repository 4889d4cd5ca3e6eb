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
})
