import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ServingProcess } from './serving-process.ts'

/** What a server used at one time, or at worst during one. */
export interface Reading {
  /** Megabytes. */
  memory: number
  peakMemory: number
  /** Milliseconds. */
  loopDelay: number
  live: number
  slots: number
  connections: number
}

export interface Watched<T> {
  readonly result: T
  readonly before: Reading
  readonly during: Reading
  readonly after: Reading
  /** Milliseconds from the end of the abuse until no slot and no connection was held any more. */
  readonly settledMs: number
  /** Probes of /health/live that had no 200. */
  readonly failedProbes: number
}

export interface WatchOptions {
  /** Milliseconds that slots and connections may be held after the abuse. @default 5000 */
  readonly settleMs?: number
  /** False: /metrics is not read during the abuse, so nothing is tidied up by a scrape. @default true */
  readonly scrape?: boolean
}

/** Measures a server before, during and after what `abuse` does to it, and prints a table. */
export async function watch<T>(name: string, server: ServingProcess, abuse: () => Promise<T>, { settleMs = 5000, scrape = true }: WatchOptions = {}): Promise<Watched<T>> {
  const before = await readingOf(server)
  server.forgetPeak()
  const during: Reading = { ...before, live: 0, loopDelay: 0, connections: 0, slots: 0 }
  const worker = new Worker(join(import.meta.dirname, 'probe.ts'), { workerData: { port: server.port, path: `${server.prefix}/health/live` } })
  let failedProbes = 0
  worker.on('message', (milliseconds: number | null) => {
    if (milliseconds === null) failedProbes++
    else during.live = Math.max(during.live, milliseconds)
  })
  let sampling = true
  const sampler = (async () => {
    while (sampling) {
      during.memory = Math.max(during.memory, server.memory().now)
      during.connections = Math.max(during.connections, server.connections())
      if (scrape) {
        const seen = await server.metrics().catch(() => undefined)
        if (seen !== undefined) {
          during.loopDelay = Math.max(during.loopDelay, loopDelayOf(seen))
          during.slots = Math.max(during.slots, seen.get('http_server_active_requests') ?? 0)
        }
      }
      await sleep(200)
    }
  })()
  try {
    const result = await abuse()
    sampling = false
    await sampler
    await stopped(worker)
    during.peakMemory = server.memory().peak
    const settledMs = await settled(server, settleMs)
    const after = await readingOf(server)
    if (!scrape) during.loopDelay = after.loopDelay
    print(name, { before, during, after }, settledMs, failedProbes)
    return { result, before, during, after, settledMs, failedProbes }
  } finally {
    sampling = false
    await stopped(worker)
  }
}

async function stopped(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return
  const exit = once(worker, 'exit')
  worker.postMessage('stop')
  await exit
}

/** Waits until no slot and no connection is held and says how long that took; throws when it takes too long. */
export async function settled(server: ServingProcess, withinMs: number): Promise<number> {
  const start = performance.now()
  for (;;) {
    const slots = await server.slots()
    const connections = server.connections()
    if (slots === 0 && !(connections > 0)) return Math.round(performance.now() - start)
    if (performance.now() - start > withinMs) throw new Error(`${withinMs} ms after the abuse ${slots} slots and ${connections} connections are still held`)
    await sleep(50)
  }
}

async function readingOf(server: ServingProcess): Promise<Reading> {
  const seen = await server.metrics()
  const start = performance.now()
  await server.ask('GET', '/health/live')
  const live = performance.now() - start
  const { now, peak } = server.memory()
  return { memory: now, peakMemory: peak, loopDelay: loopDelayOf(seen), live, slots: await server.slots(), connections: server.connections() }
}

function loopDelayOf(seen: ReadonlyMap<string, number>): number {
  return (seen.get('martlet_event_loop_delay_seconds{quantile="1"}') ?? Number.NaN) * 1000
}

const rows: Readonly<Record<keyof Reading, string>> = {
  memory: 'resident memory, MB',
  peakMemory: 'resident memory at its peak, MB',
  loopDelay: 'event loop delay at worst, ms',
  live: '/health/live at worst, ms',
  slots: 'requests under way',
  connections: 'connections',
}

function print(name: string, { before, during, after }: Readonly<Record<'before' | 'during' | 'after', Reading>>, settledMs: number, failedProbes: number): void {
  const line = (label: string, cells: readonly (number | string)[]): string =>
    `  ${label.padEnd(34)}${cells.map((cell) => (typeof cell === 'string' ? cell : String(Math.round(cell))).padStart(10)).join('')}`
  const body = Object.entries(rows).map(([field, label]) => {
    const of = (reading: Reading): number => new Map(Object.entries(reading)).get(field) ?? Number.NaN
    return line(label, [of(before), of(during), of(after)])
  })
  console.log([name, line('', ['before', 'during', 'after']), ...body, `  all let go after ${settledMs} ms; probes without a 200: ${failedProbes}`].join('\n'))
}
