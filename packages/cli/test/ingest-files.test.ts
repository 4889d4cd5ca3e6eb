import { appendFile, mkdir } from 'node:fs/promises'
import { openDuckDb, rowsOf, sql } from '@martlet/warehouse'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { emptyFolder, type TestProject } from './run-martlet.ts'

// Each command starts a process.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const definitions = `import { debezium, dimension, entity, fact, source } from '@martlet/feature-store'
import { z } from 'zod'

const customer = entity('customer', { customer_id: z.int() })
const orders = fact('mart.orders', {
  columns: { order_id: z.string(), customer_id: z.int(), ordered_at: z.date() },
  entities: [customer],
  eventTime: 'ordered_at',
})
const customers = dimension('mart.customers', {
  columns: { customer_id: z.int(), tier: z.string() },
  entity: customer,
})
export const placed = source('placed', { into: orders, id: ['order_id'] })
export const changed = source('changed', { into: customers, id: ['customer_id'], format: debezium() })
`
const config = `export default {
  warehouse: { duckdb: 'warehouse.duckdb' },
  catalog: { sqlite: 'catalog.sqlite' },
  online: { lmdb: 'online' },
  artifacts: { folder: 'artifacts' },
  definitions: () => import('./definitions.ts'),
  serving: { auth: 'none' },
}
`

let project: TestProject
beforeAll(async () => {
  project = await emptyFolder()
  await project.write('martlet.config.ts', config)
  await project.write('definitions.ts', definitions)
  for (const folder of ['incoming', 'log']) await mkdir(project.path(folder))
})
afterAll(() => project[Symbol.asyncDispose]())

const change = (op: string, lsn: number, after: object | null, before: object | null = null): string =>
  `${JSON.stringify({ op, before, after, source: { connector: 'postgresql', lsn, ts_ms: 1_767_225_600_000 + lsn } })}\n`

it('brings the events of files once, and ends with 1 where one cannot be read', async () => {
  await project.write('incoming/a.csv', 'order_id,customer_id,ordered_at\no1,1,2026-01-01\no2,x,2026-01-01\n')
  const counts = (files: number, events: number, rejected: number) => ({
    sources: [{ source: 'placed', files, events, rejected, failed: [] }],
  })
  expect(await project.json(0, 'ingest', 'placed', '--files', 'incoming')).toMatchObject(counts(1, 2, 1))
  await project.write('incoming/b.parquet', 'no')
  expect(await project.json(1, 'ingest', 'placed', '--files', 'incoming/*.parquet')).toMatchObject({
    sources: [{ failed: [{ path: expect.stringMatching(/b\.parquet$/), message: expect.any(String) }] }],
  })
})

it('brings changes of a log that grows', async () => {
  await project.write('log/customers.jsonl', change('c', 1, { customer_id: 1, tier: 'basic' }))
  const run = () => project.json(0, 'ingest', 'changed', '--files', 'log/customers.jsonl')
  expect(await run()).toMatchObject({ sources: [{ events: 1 }] })
  await appendFile(project.path('log/customers.jsonl'), change('u', 2, { customer_id: 1, tier: 'plus' }))
  expect(await run()).toMatchObject({ sources: [{ events: 1 }] })
  await using warehouse = await openDuckDb({ path: project.path('warehouse.duckdb') })
  expect(rowsOf(await warehouse.read(sql`SELECT * FROM mart.customers`))).toEqual([{ customer_id: 1, tier: 'plus' }])
})

it('does not replay', async () => {
  expect(await project.json(64, 'ingest', 'placed', '--files', 'incoming', '--replay')).toMatchObject({
    error: { code: 'USAGE' },
  })
})
