// Hostile requests to every route of a server in a process of its own. SIGINT or SIGTERM ends it early, with its summary:
//   npm run hostile -- --requests 1000000 --seed 1
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { describedRoutes } from '../../../src/openapi-document.ts'
import { startServer } from '../support/serving-process.ts'
import { attack, isLimit } from './attack.ts'
import { words } from './words.ts'

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
if (!(requests > 0) || !Number.isSafeInteger(seed)) throw new Error('--requests and --seed are whole numbers')

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

/** Requests between two looks at the memory: at least ten. */
const round = Math.ceil(Math.min(requests / 10, 20_000))

await using server = await startServer()
const routes = describedRoutes('0')
const began = performance.now()
const heaps: number[] = []
const statuses = new Map<number, number>()
const faults = new Map<string, number>()
const encodings = new Map<string, Map<number, number>>()
const unanswered = new Map<string, number>()
const wrong: string[] = []
let sent = 0
let failures = 0

function addAll<K>(totals: Map<K, number>, counts: ReadonlyMap<K, number>): void {
  for (const [key, count] of counts) totals.set(key, (totals.get(key) ?? 0) + count)
}
const count = (of: (status: number) => boolean): number =>
  [...statuses].reduce((sum, [status, number]) => (of(status) ? sum + number : sum), 0)
const sumOf = (counts: ReadonlyMap<unknown, number>): number => [...counts.values()].reduce((sum, of) => sum + of, 0)
const shown = (counts: ReadonlyMap<unknown, number>): string =>
  [...counts].map(([name, number]) => `${String(name)} ${number}`).join(', ')

while (sent < requests && !stop.signal.aborted && server.isAlive()) {
  const report = await attack({
    port: server.port,
    routes,
    words,
    requests: Math.min(round, requests - sent),
    seed: seed * 1000 + heaps.length,
    signal: stop.signal,
  })
  sent += report.sent
  failures += report.failures
  wrong.push(...report.wrong)
  addAll(statuses, report.statuses)
  addAll(faults, report.faults)
  addAll(unanswered, report.unanswered)
  for (const [kind, counts] of report.encodings) {
    const totals = encodings.get(kind) ?? new Map<number, number>()
    encodings.set(kind, totals)
    addAll(totals, counts)
  }
  // After a garbage collection, in megabytes.
  const heap = await server.collect()
  heaps.push(heap)
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  console.log(
    `${sent} requests in ${seconds} s: ${failures} failures, ${wrong.length} wrong, ${sumOf(unanswered)} unanswered; ` +
      `${heap} MB held, ${server.memory().now} MB resident`,
  )
}
const seconds = (performance.now() - began) / 1000
console.log(`${sent} requests to ${routes.length} routes in ${seconds.toFixed(0)} s, seed ${seed}`)
if (sent < requests) console.log(`  ended early: ${requests} were asked for`)
for (const [status, number] of [...statuses].toSorted(([a], [b]) => a - b)) console.log(`  ${status}: ${number}`)
console.log(`broken HTTP: ${shown(faults)}`)
console.log('compressed bodies:')
for (const [kind, counts] of encodings) console.log(`  ${kind}: ${shown(counts)}`)
console.log(`no answer, and none was due: ${shown(unanswered)}`)
console.log(
  `limits at work (503, 504): ${count(isLimit)}; not implemented, as described (501): ${statuses.get(501) ?? 0}`,
)
console.log(`other 5xx: ${failures}; the server is ${server.isAlive() ? 'alive' : 'DEAD'}`)
const complaints = server.complaints()
// The first tenth fills caches of prepared reads.
const early = heaps[Math.floor(heaps.length / 10)] ?? Number.NaN
const growth = (heaps.at(-1) ?? Number.NaN) - early
console.log(`memory held: ${growth} MB more at the end than after the first tenth`)
if (wrong.length > 0) console.log(wrong.join('\n'))
if (complaints !== '') console.log(complaints.slice(0, 5000))
const isFlat = growth <= 32
if (failures > 0 || wrong.length > 0 || complaints !== '' || !server.isAlive() || !isFlat) process.exitCode = 1
