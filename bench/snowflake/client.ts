// One measurement in a process of its own, so that its memory is nothing but that: client.ts <double's url> <what> <rows>
import process from 'node:process'
import { setInterval } from 'node:timers'
import { bulkRead, columnBatch, dropTable, ensureTable, sql } from '@martlet/warehouse'
import type { ColumnBatch, Warehouse } from '@martlet/warehouse'
import { openDouble } from '../../packages/warehouse/test/snowflake/double/open-double.ts'

const [url = '', what = '', count = '0'] = process.argv.slice(2)
const rows = Number(count)
const table = `LOAD_${process.pid}`
const columns = [
  { name: 'id', type: 'integer' },
  { name: 'customer_id', type: 'text' },
  { name: 'ts', type: 'timestamp' },
  { name: 'kwh', type: 'double' },
  { name: 'flag', type: 'boolean' },
] as const
const index = Array.from({ length: what.startsWith('append') ? rows : 0 }, (_, row) => row)
const batch: ColumnBatch = columnBatch({
  id: { type: 'integer', values: index },
  customer_id: { type: 'text', values: index.map((row) => `customer_${row % 50_000}`) },
  ts: { type: 'timestamp', values: index.map((row) => BigInt(row) * 1_000_003n) },
  kwh: { type: 'double', values: index.map((row) => row / 7) },
  flag: { type: 'boolean', values: index.map((row) => row % 3 === 0) },
})

const works: Readonly<Record<string, (warehouse: Warehouse) => Promise<number>>> = {
  'append row by row': (warehouse) => warehouse.append(table, batch),
  'append as a file': (warehouse) => warehouse.append(table, batch),
  read: async (warehouse) => (await warehouse.read(wanted())).rows,
  stream: (warehouse) => drain(warehouse.stream(wanted())),
  bulkRead: (warehouse) => drain(bulkRead(warehouse, wanted())),
}
const work = works[what]
if (work === undefined) throw new Error(`${what} is not measured`)

await using warehouse = await openDouble(
  { url },
  { bulkValues: what === 'append row by row' ? Number.POSITIVE_INFINITY : 0 },
)
await ensureTable(warehouse, { table, columns })
await warehouse.read(sql`SELECT 1 AS one`)
let peak = process.memoryUsage.rss()
const before = peak
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 20)
const start = performance.now()
const done = await work(warehouse)
const seconds = (performance.now() - start) / 1000
clearInterval(watch)
if (done !== rows) throw new Error(`${what}: ${done} of ${rows} rows`)
await dropTable(warehouse, table)
process.send?.({
  rowsPerSecond: rows / seconds,
  seconds,
  megabytes: (Math.max(peak, process.memoryUsage.rss()) - before) / 2 ** 20,
})

function wanted(): ReturnType<typeof sql> {
  return sql`SELECT id, customer_id, ts, kwh, flag FROM ${sql.id('source')} WHERE id < ${rows}`
}

async function drain(batches: AsyncIterable<ColumnBatch>): Promise<number> {
  let seen = 0
  for await (const one of batches) seen += one.rows
  return seen
}
