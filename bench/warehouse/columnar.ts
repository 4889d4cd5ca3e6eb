import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { loadFile, openDuckDb, writeParquet } from '@martlet/warehouse'
import type { Sql } from '@martlet/warehouse'

// Rows a second through the columnar seams: node --conditions=@martlet/source bench/warehouse/columnar.ts [rows]
const rows = Number(process.argv[2] ?? 2_000_000)
const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
await using warehouse = await openDuckDb({ path: join(folder, 'bench.duckdb') })

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  console.log(`${name.padEnd(28)} ${(rows / seconds / 1e6).toFixed(2).padStart(7)} M rows/s`)
}

async function drain(query: Sql): Promise<void> {
  for await (const batch of warehouse.stream(query)) if (batch.rows === 0) throw new Error('empty batch')
}

await warehouse.run(sql`
  CREATE TABLE mixed AS SELECT i AS id, i / 7 AS kwh, make_timestamp(i * 1000000) AS ts, i % 3 = 0 AS flag,
    'customer_' || (i % 50000) AS customer_id
  FROM range(${rows}) AS r(i)
`)
const mixed = sql`SELECT * FROM mixed`
const numeric = sql`SELECT id, kwh, ts FROM mixed`
await measure('read, 3 numeric columns', () => warehouse.read(numeric))
await measure('read, 5 mixed columns', () => warehouse.read(mixed))
await measure('stream, 3 numeric columns', () => drain(numeric))
await measure('stream, 5 mixed columns', () => drain(mixed))
const batch = await warehouse.read(mixed)
await warehouse.run(sql`CREATE TABLE copied AS SELECT * FROM mixed LIMIT 0`)
await measure('append, 5 mixed columns', () => warehouse.append('copied', batch))
await measure('writeParquet', () => writeParquet(warehouse, mixed, join(folder, 'mixed.parquet')))
await measure('loadFile, Parquet', () =>
  loadFile(warehouse, { table: 'from_parquet', path: join(folder, 'mixed.parquet'), mode: 'create' }),
)
await warehouse.run(sql`COPY mixed TO ${sql.lit(join(folder, 'mixed.csv'))} (HEADER)`)
await measure('loadFile, CSV, types found', () =>
  loadFile(warehouse, { table: 'from_csv', path: join(folder, 'mixed.csv'), mode: 'create' }),
)
await rm(folder, { recursive: true })
