// Reads per second and latency, in process, from an LMDB store of 10 k customers: keys in, values out as JSON or as a vector.
// npx node --conditions=@martlet/source bench/online/read.ts [seconds for each line]
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { openLmdbStore, openOnlineReader, publishRows, type OnlineVectors } from '@martlet/feature-store'
import { benchBatch, benchService, benchView, customerId, randomNumbers, streamed } from './plans.ts'

const SECONDS = Number(process.argv[2] ?? 3)
const CUSTOMERS = 10_000
const random = randomNumbers(11)
const views = Array.from({ length: 25 }, (_, index) => benchView(index))

const folder = await mkdtemp(join(tmpdir(), 'martlet-bench-'))
const store = openLmdbStore({ path: folder })
const now = BigInt(Date.now()) * 1000n
for (const view of views)
  await publishRows(
    store,
    view,
    streamed([
      benchBatch(
        Uint32Array.from({ length: CUSTOMERS }, (_, index) => index),
        now,
        random,
      ),
    ]),
  )

/** What a caller does with an answer: nothing, all rows as JSON text, or all numbers into one input tensor. */
const uses = {
  read: (vectors: OnlineVectors): number => vectors.rows,
  json: (vectors: OnlineVectors): number => {
    let length = 0
    for (let row = 0; row < vectors.rows; row++) length += vectors.json(row).length
    return length
  },
  fill: (vectors: OnlineVectors): number => {
    const width = vectors.fields.length
    const tensor = new Float32Array(vectors.rows * width)
    for (let field = 0; field < width; field++) vectors.fill(field, tensor, field, width)
    return tensor.length
  },
}

const table: Record<string, number | string>[] = []
for (const [entities, viewCount] of [
  [1, 5],
  [1, 25],
  [10, 5],
  [100, 5],
  [100, 25],
] as const) {
  const reader = openOnlineReader({ service: benchService(views.slice(0, viewCount)), store })
  for (const [use, take] of Object.entries(uses)) {
    const once = async (): Promise<number> => {
      const keys = Array.from({ length: entities }, () => ({
        customer_id: customerId(Math.floor(random() * CUSTOMERS)),
      }))
      const started = performance.now()
      take(await reader.read(keys))
      return performance.now() - started
    }
    for (const end = performance.now() + 500; performance.now() < end;) await once()
    const times: number[] = []
    let calls = 0
    for (const end = performance.now() + SECONDS * 1000; performance.now() < end; calls++) {
      times.push(await once())
      // like a server: each request has a turn of the event loop of its own, and LMDB renews its snapshot
      if (calls % 16 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    times.sort((a, b) => a - b)
    const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(4))
    const result = {
      entities,
      features: viewCount * 10,
      views: viewCount,
      use,
      readsPerSecond: Math.round((times.length * 1000) / times.reduce((sum, time) => sum + time, 0)),
      p50ms: at(0.5),
      p99ms: at(0.99),
      peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1e3),
    }
    console.log(JSON.stringify({ bench: 'online/read', ...result }))
    table.push(result)
  }
}
console.table(table)
await store.close()
await rm(folder, { recursive: true })
