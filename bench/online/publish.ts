// Rows per second from column batches to a durable LMDB store: 1 M rows of 10 features, text keys.
// npx node --conditions=@martlet/source bench/online/publish.ts [rows]
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { openLmdbStore, publishRows } from '@martlet/feature-store'
import type { ColumnBatch } from '@martlet/warehouse'
import { benchBatch, benchView, randomNumbers, streamed } from './plans.ts'

const ROWS = Number(process.argv[2] ?? 1_000_000)
const BATCH = 8192
const view = benchView(0)
const random = randomNumbers(7)

const customers = Uint32Array.from({ length: ROWS }, (_, index) => index)
const batches = (order: Uint32Array, time: bigint): readonly ColumnBatch[] =>
  Array.from({ length: Math.ceil(ROWS / BATCH) }, (_, index) =>
    benchBatch(order.subarray(index * BATCH, (index + 1) * BATCH), time, random),
  )
const shuffled = customers.slice()
for (let index = ROWS - 1; index > 0; index--) {
  const other = Math.floor(random() * (index + 1))
  const value = shuffled[index] ?? 0
  shuffled[index] = shuffled[other] ?? 0
  shuffled[other] = value
}

const table: Record<string, number | string>[] = []
for (const [name, order] of [
  ['in key order', customers],
  ['shuffled', shuffled],
] as const) {
  const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
  const store = openLmdbStore({ path: folder })
  for (const [round, time] of [
    ['first', 1n],
    ['newer', 2n],
    ['older, refused', 1n],
  ] as const) {
    const input = batches(order, time)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const started = performance.now()
    const { rows, written } = await publishRows(store, view, streamed(input))
    const seconds = (performance.now() - started) / 1000
    delay.disable()
    const result = {
      order: name,
      round,
      rows,
      written,
      rowsPerSecond: Math.round(rows / seconds),
      longestBlockMs: Math.round(delay.max / 1e6),
      megabytes: Math.round((await stat(join(folder, 'data.mdb'))).size / 1e6),
    }
    console.log(JSON.stringify({ bench: 'online/publish', ...result, seconds: Number(seconds.toFixed(3)) }))
    table.push(result)
  }
  await store.close()
  await rm(folder, { recursive: true })
}
console.table(table)
