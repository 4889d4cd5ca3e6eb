import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ServingProcess } from './serving-process.ts'

/** What a server used at one time, or at worst during one. */
export interface Reading {
  /** Megabytes of heap and buffers after garbage collection. */
  held: number
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
  /** Probes of /health/live that were not answered 200. */
  readonly failedProbes: number
}

export interface WatchOptions {
  /** Milliseconds that slots and connections may be held after the abuse. @default 5000 */
  readonly settleMs?: number
  /** False: /metrics is not read during the abuse, so nothing is tidied up by a scrape. @default true */
  readonly scrape?: boolean
}

/** Measures a server before, during and after what `abuse` does to it, and prints a table. */
export async function watch<T>(
  name: string,
  server: ServingProcess,
  abuse: () => Promise<T>,
  { settleMs = 5000, scrape = true }: WatchOptions = {},
): Promise<Watched<T>> {
  const before = await readingOf(server)
  server.forgetPeak()
  const during: Reading = { ...before, live: 0, loopDelay: 0, connections: 0, slots: 0 }
  const seen = new Float64Array(new SharedArrayBuffer(3 * Float64Array.BYTES_PER_ELEMENT))
  const worker = new Worker(join(import.meta.dirname, 'probe.ts'), {
    workerData: { port: server.port, path: `${server.prefix}/health/live`, seen },
  })
  let sampling = true
  const repeatedly = async (sample: () => Promise<void> | void): Promise<void> => {
    while (sampling) {
      await sample()
      await sleep(200)
    }
  }
  // Two loops, because /metrics may take long to answer.
  const sampler = Promise.all([
    repeatedly(() => {
      during.memory = Math.max(during.memory, server.memory().now)
      during.connections = Math.max(during.connections, server.connections())
    }),
    repeatedly(async () => {
      const samples = scrape ? await server.metrics().catch(() => undefined) : undefined
      if (samples === undefined) return
      during.loopDelay = Math.max(during.loopDelay, loopDelayOf(samples))
      during.slots = Math.max(during.slots, samples.get('http_server_active_requests') ?? 0)
    }),
  ])
  const finish = async (): Promise<void> => {
    sampling = false
    await sampler
    await stopped(worker, seen)
    during.live = seen[0] ?? Number.NaN
    during.peakMemory = server.memory().peak
  }
  try {
    const result = await abuse()
    await finish()
    if (!server.isAlive()) throw new Error(`${name}: the server is no longer alive\n${server.complaints()}`)
    const settledMs = await settled(server, settleMs)
    const after = await readingOf(server)
    const failedProbes = seen[1] ?? Number.NaN
    if (!scrape) during.loopDelay = after.loopDelay
    print(name, { before, during, after }, `all let go after ${settledMs} ms; probes without a 200: ${failedProbes}`)
    return { result, before, during, after, settledMs, failedProbes }
  } catch (error) {
    await finish()
    print(name, { before, during }, `failed: ${error instanceof Error ? error.message : String(error)}`)
    throw error
  }
}

/** Lets the last probes be answered. */
async function stopped(worker: Worker, seen: Float64Array): Promise<void> {
  if (worker.threadId === -1) return
  const exit = once(worker, 'exit')
  seen[2] = 1
  const patience = setTimeout(() => void worker.terminate(), 20_000)
  await exit
  clearTimeout(patience)
}

/** Waits until no slot and no connection is held, and returns how long that took. Throws when it takes too long. */
export async function settled(server: ServingProcess, withinMs: number): Promise<number> {
  const start = performance.now()
  for (;;) {
    const slots = await server.slots()
    const connections = server.connections()
    if (slots === 0 && !(connections > 0)) return Math.round(performance.now() - start)
    if (performance.now() - start > withinMs)
      throw new Error(`${withinMs} ms after the abuse ${slots} slots and ${connections} connections are still held`)
    await sleep(50)
  }
}

async function readingOf(server: ServingProcess): Promise<Reading> {
  const held = await server.collect()
  const seen = await server.metrics()
  const start = performance.now()
  await server.ask('GET', '/health/live')
  const live = performance.now() - start
  const { now, peak } = server.memory()
  return {
    held,
    memory: now,
    peakMemory: peak,
    loopDelay: loopDelayOf(seen),
    live,
    slots: await server.slots(),
    connections: server.connections(),
  }
}

function loopDelayOf(seen: ReadonlyMap<string, number>): number {
  return (seen.get('martlet_event_loop_delay_seconds{quantile="1"}') ?? Number.NaN) * 1000
}

const rows: Readonly<Record<keyof Reading, string>> = {
  held: 'heap and buffers held, MB',
  memory: 'resident memory, MB',
  peakMemory: 'resident memory at its peak, MB',
  loopDelay: 'event loop delay at worst, ms',
  live: '/health/live at worst, ms',
  slots: 'requests under way',
  connections: 'connections',
}

function print(name: string, readings: Readonly<Record<string, Reading>>, end: string): void {
  const line = (label: string, cells: readonly string[]): string =>
    `  ${label.padEnd(34)}${cells.map((cell) => cell.padStart(10)).join('')}`
  const body = Object.entries(rows).map(([field, label]) => {
    const of = (reading: Reading): string =>
      String(Math.round(new Map(Object.entries(reading)).get(field) ?? Number.NaN))
    return line(label, Object.values(readings).map(of))
  })
  console.log([name, line('', Object.keys(readings)), ...body, `  ${end}`].join('\n'))
}
