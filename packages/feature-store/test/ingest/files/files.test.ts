import { appendFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openDuckDb, rowsOf, sql, tableRef, writeParquet, type Warehouse } from '@martlet/warehouse'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import {
  decimal,
  entity,
  fact,
  ingestFiles,
  readFiles,
  replay,
  source,
  type FilesProgress,
} from '@martlet/feature-store'
import { openTestWarehouse } from '../../../../warehouse/test/support/engine.ts'

const account = entity('account', { account_id: z.string() })
const payments = fact('mart.payments', {
  columns: {
    payment_id: z.string(),
    account_id: z.string(),
    amount: decimal(20, 2),
    at: z.date(),
    day: z.iso.date().nullable(),
    online: z.boolean().nullable(),
  },
  entities: [account],
  eventTime: 'at',
})
const { plan } = source('payments', { into: payments, id: ['payment_id'] })

let warehouse: Warehouse
let folder: string
beforeAll(async () => {
  warehouse = await openTestWarehouse()
})
afterAll(() => warehouse.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'martlet-files-'))
  for (const table of ['mart.payments', 'raw.payments', 'raw.payments_rejected', 'raw._files'])
    if ((await warehouse.introspect(table)) !== undefined) await warehouse.run(sql`DELETE FROM ${tableRef(table)}`)
  return () => rm(folder, { recursive: true })
})

const line = (id: number | string, more: object = {}): string =>
  JSON.stringify({ payment_id: `p${id}`, account_id: 'a1', amount: '12.50', at: '2026-11-30T10:00:00Z', ...more })
const lines = (...of: readonly string[]): string => of.map((one) => `${one}\n`).join('')
const run = (from = folder, batch = 3): Promise<FilesProgress> => ingestFiles({ warehouse, source: plan, from, batch })

async function paid(): Promise<readonly string[]> {
  const rows = rowsOf<{ payment_id: string }>(
    await warehouse.read(sql`SELECT payment_id FROM ${tableRef('mart.payments')}`),
  )
  return rows.map(({ payment_id }) => payment_id).toSorted()
}

async function rejected(): Promise<readonly string[]> {
  const rows = rowsOf<{ _origin: string; _place: string }>(
    await warehouse.read(
      sql`SELECT ${sql.id('_origin')}, ${sql.id('_place')} FROM ${tableRef('raw.payments_rejected')}`,
    ),
  )
  return rows.map(({ _origin, _place }) => `${basename(_origin)} ${_place}`).toSorted()
}

it('JSON lines: a file grows, its half-written last line waits, and a bad line is rejected with file and line', async () => {
  const path = join(folder, 'a.jsonl')
  await writeFile(
    path,
    `${lines(line(1), '', line(2, { amount: 'x' }), line(3), 'no JSON', line(4))}{"payment_id":"p5","acc`,
  )
  expect(await run()).toMatchObject({ files: 1, events: 5, rejected: 2, failed: [] })
  expect(await paid()).toStrictEqual(['p1', 'p3', 'p4'])
  expect(await rejected()).toStrictEqual(['a.jsonl:3 amount', 'a.jsonl:5 '])
  expect(await run()).toMatchObject({ files: 0, events: 0 })
  await appendFile(path, line(5).slice('{"payment_id":"p5","acc'.length))
  // Without a line feed, but whole.
  expect(await run()).toMatchObject({ files: 1, events: 1 })
  await appendFile(path, `\r\n${line(6)}\r\n${line(7, { at: 'x' })}\n`)
  expect(await run()).toMatchObject({ files: 1, events: 2, rejected: 1 })
  expect(await paid()).toStrictEqual(['p1', 'p3', 'p4', 'p5', 'p6'])
  expect(await rejected()).toContain('a.jsonl:9 at')
  expect(await readFiles(warehouse, 'payments')).toMatchObject([{ path, lines: 9, complete: true }])
})

it('JSON lines: renamed, copied and rotated files bring nothing twice; one that was written anew is read anew', async () => {
  const a = join(folder, 'a.jsonl')
  await writeFile(a, lines(line(1), line(2)))
  await run()
  await mkdir(join(folder, 'copies'))
  await writeFile(join(folder, 'copies', 'b.jsonl'), lines(line(1), line(2)))
  expect(await run()).toMatchObject({ files: 0, events: 0 })
  await rename(a, join(folder, 'a.1.jsonl'))
  await appendFile(join(folder, 'a.1.jsonl'), lines(line(3)))
  await writeFile(a, lines(line(4)))
  expect(await run()).toMatchObject({ files: 2, events: 2 })
  // Events that are known make no row again, in whatever file they come.
  await writeFile(a, lines(line(5), line(1)))
  expect(await run()).toMatchObject({ files: 1, events: 2 })
  expect(await paid()).toStrictEqual(['p1', 'p2', 'p3', 'p4', 'p5'])
  expect(await run()).toMatchObject({ files: 0, events: 0 })
})

it('compressed JSON lines are read once', async () => {
  await writeFile(join(folder, 'a.jsonl.gz'), gzipSync(lines(line(1), line(2), line(3), line(4))))
  expect(await run()).toMatchObject({ files: 1, events: 4 })
  expect(await run()).toMatchObject({ files: 0, events: 0 })
  await writeFile(join(folder, 'half.jsonl.gz'), gzipSync(lines(line(9))).subarray(0, 20))
  const { failed } = await run()
  expect(failed.map(({ path }) => basename(path))).toStrictEqual(['half.jsonl.gz'])
})

it('CSV: cells become values of their columns, what does not fit is rejected, and a replay gives the same rows', async () => {
  const csv = [
    'payment_id,account_id,amount,at,day,online,more',
    'p1,a1,123456789012345678.25,2026-11-30 10:00:00.123456,2026-11-30,true,x',
    'p2,a1,x,2026-11-30T10:00:00Z,,,',
    '"p""3","a,1",-0.01,2026-11-30T12:00:00+02:00,,0,"two\nlines"',
    'p4,a1,1.234,2026-11-30,2026-13-01,maybe,',
  ]
  await writeFile(join(folder, 'a.csv'), lines(...csv))
  expect(await run(join(folder, '*.csv'))).toMatchObject({ files: 1, events: 4, rejected: 2, failed: [] })
  const table = async (): Promise<readonly unknown[]> =>
    rowsOf(await warehouse.read(sql`SELECT * FROM ${tableRef('mart.payments')} ORDER BY payment_id`))
  const rows = await table()
  expect(rows).toMatchObject([
    {
      payment_id: 'p"3',
      account_id: 'a,1',
      amount: -0.01,
      at: new Date('2026-11-30T10:00:00Z'),
      day: null,
      online: false,
    },
    { payment_id: 'p1', amount: '123456789012345678.25', at: new Date('2026-11-30T10:00:00.123Z'), online: true },
  ])
  expect(await rejected()).toStrictEqual(['a.csv:2 amount', 'a.csv:4 amount, day, online'])
  await rename(join(folder, 'a.csv'), join(folder, 'b.csv'))
  expect(await run()).toMatchObject({ files: 0, events: 0 })
  await replay({ warehouse, source: plan })
  expect(await table()).toStrictEqual(rows)
})

it('Parquet, of types of its own, and a file that is none holds nothing back', async () => {
  await using other = await openDuckDb()
  const query = sql`
    SELECT 'p' || i AS payment_id, 'a1' AS account_id, CAST(i AS DECIMAL(10, 1)) AS amount,
      CAST('2026-11-30 10:00:00' AS TIMESTAMPTZ) AS "at", CAST(NULL AS DATE) AS day, i % 2 = 0 AS online
    FROM range(10) AS r(i)
  `
  await writeParquet(other, query, join(folder, 'z.parquet'))
  await writeFile(join(folder, 'broken.parquet'), 'PAR1 no')
  const progress = await run()
  expect(progress).toMatchObject({ files: 1, events: 10, rejected: 0 })
  expect(progress.failed.map(({ path }) => basename(path))).toStrictEqual(['broken.parquet'])
  expect(await paid()).toHaveLength(10)
})

it('stopped between two transactions, a run goes on where it was', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(...Array.from({ length: 10 }, (_, id) => line(id))))
  const rows = Array.from({ length: 10 }, (_, id) => `q${id},a1,1,2026-11-30,,`)
  await writeFile(join(folder, 'b.csv'), lines('payment_id,account_id,amount,at,day,online', ...rows))
  let stops = 0
  for (;;) {
    const stop = new AbortController()
    const running = ingestFiles({
      warehouse,
      source: plan,
      from: folder,
      batch: 3,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    const ended = await running.then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: 'CANCELLED' })
        return false
      },
    )
    if (ended) break
    stops++
  }
  expect(stops).toBeGreaterThanOrEqual(7)
  expect(await paid()).toHaveLength(20)
  const raw = rowsOf<{ n: number }>(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${tableRef('raw.payments')}`))
  expect(Number(raw[0]?.n)).toBe(20)
})

it('two runs at once bring every event once', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(...Array.from({ length: 30 }, (_, id) => line(id))))
  const ended = await Promise.allSettled([run(), run()])
  for (const one of ended) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'INGEST_OVERTAKEN' })
  await run()
  const raw = rowsOf<{ n: number }>(await warehouse.read(sql`SELECT COUNT(*) AS n FROM ${tableRef('raw.payments')}`))
  expect(Number(raw[0]?.n)).toBe(30)
})

it('a folder that is not there is named', async () => {
  await expect(run(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
})
