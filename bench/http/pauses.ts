/**
 * What one server does at a given rate between two marks, each a request that begins or an answer that has been written: all that
 * comes meanwhile waits for it. It is counted in processor time of the process, so waiting for a core on a shared machine is not
 * in it. Collections of garbage are also counted by the clock.
 *
 * node --conditions=@martlet/source bench/http/pauses.ts [requests a second] [seconds] [extras]
 */
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, performance, PerformanceObserver } from 'node:perf_hooks'
import { text } from 'node:stream/consumers'
import { fixedCatalog, listen, serving } from '@martlet/serving'
import { extrasOf } from './extras.ts'
import { openFilledStore, services } from './fixture.ts'

const [rate = '2000', seconds = '10', extras = 'none'] = process.argv.slice(2)
const folder = join(tmpdir(), 'martlet-bench-http')
await mkdir(folder, { recursive: true })
const { options } = await extrasOf(extras)
const app = serving({
  catalog: fixedCatalog({ services: Object.values(services) }),
  online: await openFilledStore(folder),
  ...options,
})

/** Milliseconds of processor time of this process between two marks: a request begins or its answer has been written. */
const between: number[] = []
let last = 0
function mark(): void {
  const { user, system } = process.cpuUsage()
  between.push((user + system - last) / 1000)
  last = user + system
}
const watched = Object.assign(Object.create(app), {
  direct(...[incoming, outgoing]: Parameters<typeof app.direct>): boolean {
    mark()
    outgoing.once('finish', mark)
    return app.direct(incoming, outgoing)
  },
})
const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'young',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'full',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'step',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weak',
}
const collections = new Map<string, number[]>()
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const kind = 'detail' in entry && isKind(entry.detail) ? (KINDS[entry.detail.kind] ?? 'other') : 'other'
    collections.set(kind, [...(collections.get(kind) ?? []), entry.duration])
  }
}).observe({ entryTypes: ['gc'] })

function isKind(detail: unknown): detail is { readonly kind: number } {
  return typeof detail === 'object' && detail !== null && 'kind' in detail
}

async function load(): Promise<{ readonly perSecond: number; readonly p99: number }> {
  const script = join(import.meta.dirname, 'load.ts')
  const child = spawn(process.execPath, [script, String(port), 'small', '64', seconds, rate, extras], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout))
}

const quantile = (numbers: readonly number[], q: number): string =>
  (numbers.toSorted((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(q * numbers.length))] ?? 0).toFixed(2)

const { port, close } = await listen(watched, { port: 0 })
// Once for the compiler.
await load()
between.length = 0
collections.clear()
const before = performance.eventLoopUtilization()
const { perSecond, p99 } = await load()
const { utilization } = performance.eventLoopUtilization(before)
const long = between.filter((ms) => ms > 1)
process.stdout.write(
  [
    `${perSecond.toFixed(0)} req/s, p99 ${p99.toFixed(2)} ms by the clock, event loop busy ${(utilization * 100).toFixed(0)} %`,
    `between two marks, ms of processor time: p50 ${quantile(between, 0.5)}, p99 ${quantile(between, 0.99)}, ` +
      `p99.9 ${quantile(between, 0.999)}, most ${quantile(between, 1)}; more than 1 ms: ${long.length} of ${between.length}`,
    ...[...collections].map(
      ([kind, ms]) =>
        `garbage, ${kind}: ${ms.length} collections, p50 ${quantile(ms, 0.5)} ms, most ${quantile(ms, 1)} ms`,
    ),
    '',
  ].join('\n'),
)
await close()
process.exit(0)
