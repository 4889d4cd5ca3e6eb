// Hostile requests to every route of a server in a process of its own:
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

await using server = await startServer()
const routes = describedRoutes('0')
const began = performance.now()
const samples: { readonly sent: number; readonly heap: number; readonly resident: number }[] = []
/** Megabytes held after a garbage collection, while requests are under way. */
const sample = async (sent: number): Promise<void> => {
  samples.push({ sent, heap: await server.collect(), resident: server.memory().now })
}
const rounds = 10
const totals = { sent: 0, wrong: [] as string[] }
const statuses = new Map<number, number>()
const faults = new Map<string, number>()
for (let round = 0; round < rounds; round++) {
  const report = await attack({
    port: server.port,
    routes,
    words,
    requests: Math.ceil(requests / rounds),
    seed: seed * 1000 + round,
  })
  totals.sent += report.sent
  totals.wrong.push(...report.wrong)
  for (const [status, count] of report.statuses) statuses.set(status, (statuses.get(status) ?? 0) + count)
  for (const [fault, count] of report.faults) faults.set(fault, (faults.get(fault) ?? 0) + count)
  await sample(totals.sent)
  const { heap, resident } = samples.at(-1) ?? { heap: Number.NaN, resident: Number.NaN }
  console.log(`${totals.sent} requests, ${heap} MB held, ${resident} MB resident`)
}
const seconds = (performance.now() - began) / 1000
const count = (of: (status: number) => boolean): number =>
  [...statuses].reduce((sum, [status, number]) => (of(status) ? sum + number : sum), 0)
const failures = count((status) => status >= 500 && !isLimit(status))
console.log(`${totals.sent} requests to ${routes.length} routes in ${seconds.toFixed(0)} s, seed ${seed}`)
for (const [status, number] of [...statuses].toSorted(([a], [b]) => a - b)) console.log(`  ${status}: ${number}`)
console.log(`broken HTTP: ${[...faults].map(([fault, number]) => `${fault} ${number}`).join(', ')}`)
console.log(`limits at work (503, 504): ${count(isLimit)}`)
console.log(`other 5xx: ${failures}; the server is ${server.isAlive() ? 'alive' : 'DEAD'}`)
const complaints = server.complaints()
// The first round fills caches of prepared reads.
const [first = samples[0], last] = [samples[1], samples.at(-1)]
const growth = (last?.heap ?? Number.NaN) - (first?.heap ?? Number.NaN)
console.log(`memory held: ${growth} MB more after the last round than after the second`)
if (totals.wrong.length > 0) console.log(totals.wrong.join('\n'))
if (complaints !== '') console.log(complaints.slice(0, 5000))
if (failures > 0 || totals.wrong.length > 0 || complaints !== '' || !server.isAlive() || growth > 32)
  process.exitCode = 1
