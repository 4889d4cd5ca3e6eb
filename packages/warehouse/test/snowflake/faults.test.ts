import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { columnBatch, ensureTable, rowsOf } from '@martlet/warehouse'
import type { Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { SnowflakeDouble } from './double/double.ts'
import type { Fault } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

let double: SnowflakeDouble
let warehouse: Warehouse
beforeEach(async () => {
  double = await SnowflakeDouble.start()
  warehouse = await openDouble(double)
})
afterEach(async () => {
  double.fault = () => false
  double.faultAfter = () => false
  await warehouse.close()
  await double.stop()
})

const MANY = 10_000
const many = (): ReturnType<typeof sql> => {
  const range = warehouse.leaves.series({ from: sql`b.f`, to: sql`b.t`, alias: 'n', column: 'i' })
  return sql`SELECT n.i AS i FROM (SELECT 0 AS f, ${sql.lit(MANY)} AS t) AS b, ${range} ORDER BY i`
}
const count = async (table: string) =>
  rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${sql.id(table)}`))[0]?.['n']
const on = (path: string | RegExp, times: number, answer: Fault): Fault => {
  let left = times
  return (request, response) =>
    (typeof path === 'string' ? request.path === path : path.test(request.path)) &&
    left-- > 0 &&
    answer(request, response)
}
const status =
  (code: number): Fault =>
  (_, response) => {
    response.writeHead(code).end()
    return true
  }

describe('when Snowflake or the way to it fails', () => {
  it('repeats what a busy server turned away', async () => {
    double.fault = on('/queries/v1/query-request', 1, status(503))
    expect(rowsOf(await warehouse.read(sql`SELECT 1 AS one`))).toEqual([{ one: 1 }])
  })

  it('writes rows once when the answer to a write was lost', async () => {
    await ensureTable(warehouse, { table: 't', columns: [{ name: 'x', type: 'integer' }] })
    let lost = 0
    double.faultAfter = (request, response) =>
      String(request.body['sqlText']).startsWith('INSERT') && lost++ === 0 && status(503)(request, response)
    expect(await warehouse.append('t', columnBatch({ x: { type: 'integer', values: [1, 2, 3] } }))).toBe(3)
    expect(lost).toBe(2)
    expect(await count('t')).toBe(3)
  })

  it('renews a session that expired and goes on', async () => {
    double.expireSessions()
    expect(rowsOf(await warehouse.read(sql`SELECT 1 AS one`))).toEqual([{ one: 1 }])
    expect(double.requests.some(({ path }) => path === '/session/token-request')).toBe(true)
  })

  it('gives every row once when chunks of a result come at the second try', async () => {
    double.fault = on(/^\/chunk\//, 2, status(503))
    expect((await warehouse.read(many())).columns[0]?.values).toEqual(
      BigInt64Array.from({ length: MANY }, (_, i) => BigInt(i)),
    )
  })

  it('fails in time when a chunk cannot be had, and goes on working', async () => {
    const impatient = await openDouble(double, { networkSeconds: 2 })
    double.fault = on(/^\/chunk\//, Number.POSITIVE_INFINITY, status(403))
    expect(await codeOf(impatient.read(many()))).toMatchObject({ code: 'STATEMENT_TIMEOUT', data: { seconds: 2 } })
    double.fault = () => false
    expect((await impatient.read(many())).rows).toBe(MANY)
    await impatient.close()
  })

  it('gives an error for a chunk that is not what it should be, and the process lives', async () => {
    double.fault = on(/^\/chunk\//, Number.POSITIVE_INFINITY, (_, response) => {
      response
        .writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
        .end(gzipSync('["1"],["2'))
      return true
    })
    const impatient = await openDouble(double, { networkSeconds: 2 })
    expect(['RESULT_BROKEN', 'STATEMENT_TIMEOUT']).toContain((await codeOf(impatient.read(many()))).code)
    double.fault = () => false
    expect((await impatient.read(many())).rows).toBe(MANY)
    await impatient.close()
  })

  it('gives an error for a broken chunk that came before its turn, and the process lives', async () => {
    let chunks = 0
    double.fault = async (request, response) => {
      if (!request.path.startsWith('/chunk/')) return false
      if (chunks++ === 0) {
        await sleep(300)
        return false
      }
      response
        .writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
        .end(gzipSync('["1"],["2'))
      return true
    }
    expect((await codeOf(warehouse.read(many()))).code).toBe('RESULT_BROKEN')
    double.fault = () => false
    expect((await warehouse.read(many())).rows).toBe(MANY)
  })

  it('gives an error for a result that lacks rows', async () => {
    double.fault = on(/^\/chunk\//, 1, (_, response) => {
      response
        .writeHead(200, { 'content-type': 'binary/octet-stream', 'content-encoding': 'gzip' })
        .end(gzipSync('["1"],["2"]'))
      return true
    })
    expect((await codeOf(warehouse.read(many()))).code).toBe('RESULT_BROKEN')
  })

  it('waits for a slow statement by asking again, and stops it at its deadline', async () => {
    const { leaves } = warehouse
    const range = (alias: string) => leaves.series({ from: sql`b.f`, to: sql`b.t`, alias, column: 'i' })
    const endless = sql`SELECT SUM(x.i * y.i) AS s FROM (SELECT 0 AS f, 2000000 AS t) AS b, ${range('x')}, ${range('y')}`
    const impatient = await openDouble(double, { timeoutSeconds: 1 })
    expect(await codeOf(impatient.read(endless))).toMatchObject({ code: 'STATEMENT_TIMEOUT', data: { seconds: 1 } })
    expect(double.requests.some(({ path }) => /\/queries\/[^/]+\/result$/.test(path))).toBe(true)
    expect((await impatient.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    await impatient.close()
  })

  it('the deadline of a statement that was stopped does not stop the next one', async () => {
    const impatient = await openDouble(double, { timeoutSeconds: 2 })
    // The first ends long before its deadline, and the second still runs when that passes.
    double.fault = async (request) => {
      const wait = { 'SELECT 1 AS one': 500, 'SELECT 2 AS two': 1500 }[String(request.body['sqlText'])]
      if (wait !== undefined) await sleep(wait)
      return false
    }
    expect(await codeOf(impatient.read(sql`SELECT 1 AS one`, { signal: AbortSignal.timeout(100) }))).toMatchObject({
      code: 'CANCELLED',
    })
    await sleep(900)
    const aborted = (): number => double.requests.filter(({ path }) => path.endsWith('/abort-request')).length
    const before = aborted()
    expect((await impatient.read(sql`SELECT 2 AS two`)).rows).toBe(1)
    expect(aborted()).toBe(before)
    await impatient.close()
  })

  it('stops at its deadline when the server turns every statement away', async () => {
    const impatient = await openDouble(double, { timeoutSeconds: 1 })
    double.fault = (request, response) => request.path.startsWith('/queries/') && status(503)(request, response)
    expect((await codeOf(impatient.read(sql`SELECT 1 AS one`))).code).toBe('STATEMENT_TIMEOUT')
    double.fault = () => false
    expect((await impatient.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    await impatient.close()
  })

  it('fails in time when nobody listens or nobody answers', async () => {
    expect((await codeOf(openDouble(double, { accessUrl: 'http://127.0.0.1:1', networkSeconds: 1 }))).code).toBe(
      'WAREHOUSE_OPEN_FAILED',
    )
    const silent = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const address = silent.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect((await codeOf(openDouble(double, { accessUrl: `http://127.0.0.1:${port}`, networkSeconds: 1 }))).code).toBe(
      'WAREHOUSE_OPEN_FAILED',
    )
    silent.close()
  })

  it('rolls back what a transaction wrote when its session is lost', async () => {
    await ensureTable(warehouse, { table: 't', columns: [{ name: 'x', type: 'integer' }] })
    const lost = warehouse.transaction(async (transaction) => {
      await transaction.append('t', columnBatch({ x: { type: 'integer', values: [1] } }))
      await double.dropSessions()
      await transaction.append('t', columnBatch({ x: { type: 'integer', values: [2] } }))
    })
    expect((await codeOf(lost)).code).toBe('SESSION_LOST')
    expect(await count('t')).toBe(0)
  })
})
