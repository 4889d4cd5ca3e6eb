// Rows per second published to, and reads per second from, a Redis server of this machine: keys in, values out as JSON or as a vector.
// npx node --conditions=@martlet/source bench/online/redis.ts [rows] [seconds for each line]
import process from 'node:process'
import { openOnlineReader, publishRows, type OnlineVectors } from '@martlet/feature-store'
import { startRedis } from './own-redis.ts'
import { benchBatch, benchService, benchView, customerId, randomNumbers, streamed } from './plans.ts'

const ROWS = Number(process.argv[2] ?? 200_000)
const SECONDS = Number(process.argv[3] ?? 3)
const CUSTOMERS = 10_000
const BATCH = 8192
const random = randomNumbers(11)
const views = Array.from({ length: 25 }, (_, index) => benchView(index))

const redis = await startRedis()
const { store } = redis

const now = BigInt(Date.now()) * 1000n
const range = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from }, (_, index) => from + index)
const published: Record<string, number | string>[] = []
for (const [round, time] of [
  ['first', now],
  ['newer', now + 1n],
  ['older, refused', now],
] as const) {
  const input = Array.from({ length: Math.ceil(ROWS / BATCH) }, (_, index) =>
    benchBatch(range(index * BATCH, Math.min(ROWS, (index + 1) * BATCH)), time, random),
  )
  const started = performance.now()
  const { rows, written } = await publishRows(store, benchView(99), streamed(input))
  const result = { round, rows, written, rowsPerSecond: Math.round((rows * 1000) / (performance.now() - started)) }
  console.log(JSON.stringify({ bench: 'online/redis publish', ...result }))
  published.push(result)
}
await store.clear(benchView(99).name)
for (const view of views) await publishRows(store, view, streamed([benchBatch(range(0, CUSTOMERS), now, random)]))

/** What a caller does with an answer: all rows as JSON text, or all numbers into one input tensor. */
const uses = {
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
  [100, 25],
] as const) {
  const reader = openOnlineReader({ service: benchService(views.slice(0, viewCount)), store })
  for (const [use, take] of Object.entries(uses)) {
    for (const atOnce of [1, 16]) {
      const times: number[] = []
      const requests = async (end: number): Promise<void> => {
        while (performance.now() < end) {
          const keys = Array.from({ length: entities }, () => ({
            customer_id: customerId(Math.floor(random() * CUSTOMERS)),
          }))
          const started = performance.now()
          take(await reader.read(keys))
          times.push(performance.now() - started)
        }
      }
      const all = async (milliseconds: number): Promise<number> => {
        const started = performance.now()
        await Promise.all(Array.from({ length: atOnce }, () => requests(started + milliseconds)))
        return performance.now() - started
      }
      await all(500)
      times.length = 0
      const elapsed = await all(SECONDS * 1000)
      times.sort((a, b) => a - b)
      const at = (share: number): number => Number((times[Math.floor(times.length * share)] ?? 0).toFixed(4))
      const result = {
        entities,
        features: viewCount * 10,
        views: viewCount,
        use,
        atOnce,
        readsPerSecond: Math.round((times.length * 1000) / elapsed),
        p50ms: at(0.5),
        p99ms: at(0.99),
      }
      console.log(JSON.stringify({ bench: 'online/redis read', ...result }))
      table.push(result)
    }
  }
}
console.table(published)
console.table(table)
await redis.close()
