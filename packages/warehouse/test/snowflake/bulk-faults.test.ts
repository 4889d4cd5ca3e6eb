import { mkdtemp, readdir, rm, truncate, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  bulkRead,
  columnBatch,
  ensureTable,
  loadFile,
  openDuckDb,
  rowsOf,
  upsertBatches,
  writeParquet,
} from '@martlet/warehouse'
import type { ColumnBatch, Warehouse } from '@martlet/warehouse'
import { codeOf } from '../support/errors.ts'
import { json, SnowflakeDouble, statementOf } from './double/double.ts'
import type { DoubleRequest, Fault } from './double/double.ts'
import { openDouble } from './double/open-double.ts'

const ROWS = 3000

let double: SnowflakeDouble
let warehouse: Warehouse
let temporary: string
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'bulk-faults-'))
  vi.stubEnv('TMPDIR', temporary)
  double = await SnowflakeDouble.start()
  warehouse = await openDouble(double, { bulkValues: 100 })
  await ensureTable(warehouse, {
    table: 't',
    columns: [
      { name: 'x', type: 'integer' },
      { name: 'note', type: 'text' },
    ],
  })
})
afterEach(async () => {
  double.fault = () => false
  double.faultAfter = () => false
  await warehouse.close()
  await double.stop()
  vi.unstubAllEnvs()
  await rm(temporary, { recursive: true, force: true })
})

const rows = (count = ROWS): ColumnBatch =>
  columnBatch({
    x: { type: 'integer', values: Array.from({ length: count }, (_, index) => index) },
    note: { type: 'text', values: Array.from({ length: count }, () => 'n') },
  })
const count = async () => rowsOf(await warehouse.read(sql`SELECT COUNT(*) AS n, COUNT(DISTINCT x) AS d FROM t`))[0]
const told = (request: DoubleRequest): string => statementOf(request)
const once = (verb: string, answer: Fault): Fault => {
  let done = false
  return async (request, response) => {
    if (done || !told(request).startsWith(verb)) return false
    done = true
    return answer(request, response)
  }
}
const refusal: Fault = (_, response) => {
  json(response, {
    success: false,
    code: '253006',
    message: 'Not found: https://bucket.example/key?sig=SECRET',
    data: {},
  })
  return true
}
const spoil =
  (change: (file: string) => Promise<void>): Fault =>
  async () => {
    for (const file of double.stagedFiles) await change(file)
    return false
  }
/** Neither side keeps a file; the SDK leaves an empty folder for each file that it copies from a local stage. */
const nothingLeft = async (): Promise<void> => {
  expect(double.stagedFiles).toEqual([])
  expect((await readdir(temporary)).filter((name) => name.startsWith('martlet-'))).toEqual([])
}

describe('when many rows are on their way to Snowflake', () => {
  it.each([
    ['is refused', refusal],
    [
      'finds no place for the file',
      (_, response) => {
        json(response, {
          success: true,
          code: null,
          message: null,
          data: {
            command: 'UPLOAD',
            src_locations: [join(temporary, 'gone', '*.parquet')],
            autoCompress: false,
            sourceCompression: 'auto_detect',
            parallel: 4,
            overwrite: true,
            parameters: [],
            queryId: 'q',
            stageInfo: { locationType: 'LOCAL_FS', location: '/dev/null/none' },
          },
        })
        return true
      },
    ],
  ] satisfies [string, Fault][])(
    'an upload that %s is an error with file and stage, and no row is there',
    async (_, fault) => {
      double.fault = once('PUT', fault)
      const failure = await codeOf(warehouse.append('t', rows()))
      expect(failure).toMatchObject({
        code: 'STAGE_PUT_FAILED',
        data: {
          file: expect.stringMatching(/\.parquet$/),
          stage: expect.stringMatching(/^@~\/martlet\/[0-9a-f]{24}\/$/),
        },
      })
      expect(JSON.stringify([failure.message, failure.data, failure.cause])).not.toContain('SECRET')
      expect(await count()).toEqual({ n: 0, d: 0 })
      await nothingLeft()
      expect(await warehouse.append('t', rows())).toBe(ROWS)
    },
  )

  it.each([
    ['is broken', 'SQL_FAILED', spoil((file) => truncate(file, 100))],
    ['is gone', 'LOAD_INCOMPLETE', spoil((file) => unlink(file))],
  ] as const)('a file that %s when it is loaded writes no row', async (_, code, fault) => {
    double.fault = once('COPY INTO "T"', fault)
    expect((await codeOf(warehouse.append('t', rows()))).code).toBe(code)
    expect(await count()).toEqual({ n: 0, d: 0 })
    await nothingLeft()
  })

  it('rows are there once when the answer to the loading was lost', async () => {
    let lost = 0
    double.faultAfter = (request, response) => {
      if (!told(request).startsWith('COPY INTO "T"') || lost++ > 0) return false
      response.writeHead(503).end()
      return true
    }
    expect(await warehouse.append('t', rows())).toBe(ROWS)
    expect(lost).toBe(2)
    expect(await count()).toEqual({ n: ROWS, d: ROWS })
    await nothingLeft()
  })

  it('a session that is lost between upload and loading leaves no row and no file', async () => {
    double.fault = once('COPY INTO "T"', async () => {
      await double.dropSessions()
      return false
    })
    expect((await codeOf(warehouse.append('t', rows()))).code).toBe('SESSION_LOST')
    const other = await openDouble(double)
    expect(rowsOf(await other.read(sql`SELECT COUNT(*) AS n FROM t`))).toEqual([{ n: 0 }])
    await other.close()
    await nothingLeft()
  })

  it('a server that turns everything away is told in time', async () => {
    const impatient = await openDouble(double, { timeoutSeconds: 1, bulkValues: 100 })
    double.fault = (request, response) => {
      if (!told(request).startsWith('PUT')) return false
      response.writeHead(503).end()
      return true
    }
    expect(await codeOf(impatient.append('t', rows()))).toMatchObject({
      code: 'STATEMENT_TIMEOUT',
      data: { seconds: 1 },
    })
    double.fault = () => false
    expect(await count()).toEqual({ n: 0, d: 0 })
    await impatient.close()
    await nothingLeft()
  })

  it('a statement that fails afterwards takes the rows back, also those of a file', async () => {
    const path = join(temporary, 'rows.parquet')
    await using duckdb = await openDuckDb()
    await duckdb.run(
      sql`COPY (SELECT CAST(range AS INTEGER) AS x, 'n' AS note FROM range(${ROWS})) TO ${sql.lit(path)} (FORMAT parquet)`,
    )
    const work = warehouse.transaction(async (transaction) => {
      await loadFile(transaction, { table: 't', path, mode: 'append' })
      await transaction.append('t', rows())
      expect(rowsOf(await transaction.read(sql`SELECT COUNT(*) AS n FROM t`))).toEqual([{ n: 2 * ROWS }])
      await transaction.run(sql`UPDATE nowhere_at_all SET x = 1`)
    })
    expect((await codeOf(work)).code).toBe('SQL_FAILED')
    expect(await count()).toEqual({ n: 0, d: 0 })
    await nothingLeft()
  })

  it('an upsert in a transaction is refused, for its temporary table would commit it', async () => {
    const work = warehouse.transaction((transaction) =>
      upsertBatches(transaction, { table: 't', key: ['x'], batches: [rows()] }),
    )
    expect((await codeOf(work)).code).toBe('DDL_IN_TRANSACTION')
    await nothingLeft()
  })
})

describe('when many rows are on their way from Snowflake', () => {
  const all = sql`SELECT * FROM t`
  const path = (): string => join(temporary, 'all.parquet')
  const consumed = async (signal?: AbortSignal): Promise<number> => {
    let seen = 0
    for await (const batch of bulkRead(warehouse, all, signal === undefined ? {} : { signal })) seen += batch.rows
    return seen
  }

  it.each([
    ['is broken', spoil((file) => truncate(file, 100))],
    ['is gone', spoil((file) => unlink(file))],
  ])('a file that %s is an error, never a shorter result', async (_, fault) => {
    await warehouse.append('t', rows())
    double.fault = once('GET', fault)
    expect((await codeOf(consumed())).code).toBe('RESULT_BROKEN')
    double.fault = once('GET', fault)
    expect((await codeOf(writeParquet(warehouse, all, path()))).code).toBe('RESULT_BROKEN')
    await nothingLeft()
    expect(await readdir(temporary)).not.toContain('all.parquet')
    expect(await consumed()).toBe(ROWS)
  })

  it('a download that is refused is an error with folder and stage', async () => {
    await warehouse.append('t', rows())
    double.fault = once('GET', refusal)
    const failure = await codeOf(consumed())
    expect(failure).toMatchObject({
      code: 'STAGE_GET_FAILED',
      data: { file: expect.stringContaining('martlet-'), stage: expect.stringMatching(/^@~\/martlet\//) },
    })
    expect(JSON.stringify([failure.message, failure.data, failure.cause])).not.toContain('SECRET')
    await nothingLeft()
  })

  it('a signal stops it, before and during it', async () => {
    await warehouse.append('t', rows())
    expect((await codeOf(consumed(AbortSignal.abort()))).code).toBe('CANCELLED')
    const stop = new AbortController()
    double.fault = once('COPY INTO @~', async () => {
      setTimeout(() => stop.abort(), 20)
      return false
    })
    const range = (alias: string) => warehouse.leaves.series({ from: sql`b.f`, to: sql`b.t`, alias, column: 'i' })
    const endless = sql`SELECT SUM(x.i * y.i) AS s FROM (SELECT 0 AS f, 2000000 AS t) AS b, ${range('x')}, ${range('y')}`
    expect((await codeOf(writeParquet(warehouse, endless, path(), { signal: stop.signal }))).code).toBe('CANCELLED')
    await nothingLeft()
    expect(await consumed()).toBe(ROWS)
  })
})

describe('a pool with a limit', () => {
  it.each([1, 3])('of %i serves those who wait in their order, and never opens more sessions', async (maxSessions) => {
    const before = double.sessions
    const small = await openDouble(double, { maxSessions })
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        small.session(async (session) => {
          order.push(n)
          await session.read(sql`SELECT 1 AS one`)
          expect(double.sessions).toBeLessThanOrEqual(before + maxSessions)
        }),
      ),
    )
    // The first of several begin as their logins come back.
    expect(maxSessions === 1 ? order : order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, n) => n))
    await small.close()
  })

  it('says so when all sessions stay in use, and goes on afterwards', async () => {
    const small = await openDouble(double, { maxSessions: 1, networkSeconds: 1 })
    const nested = small.transaction(() => small.read(sql`SELECT 1 AS one`))
    expect(await codeOf(nested)).toMatchObject({ code: 'SESSIONS_EXHAUSTED', data: { sessions: 1, seconds: 1 } })
    expect((await small.read(sql`SELECT 1 AS one`)).rows).toBe(1)
    // A session with temporary tables is not given on: its place is.
    const kept = small.session(async (session) => {
      await session.run(session.leaves.createTableAs('own', sql`SELECT 1 AS x`, { temporary: true }))
    })
    expect((await codeOf(small.read(sql`SELECT * FROM own`))).code).toBe('SQL_FAILED')
    await kept
    const waiting = small.session(async () => codeOf(Promise.all([small.read(sql`SELECT 1 AS one`), small.close()])))
    expect((await waiting).code).toBe('WAREHOUSE_CLOSED')
  })
})
