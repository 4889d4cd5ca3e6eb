import { performance, type EventLoopUtilization } from 'node:perf_hooks'

/** Runs work after answers, one piece at a time, when there is time for it. What there is no time for is dropped. */
export interface ShadowQueue {
  /** Returns why the work is dropped; undefined when it will be done. */
  offer(work: () => Promise<void>): 'queue' | 'busy' | undefined
  /** Settles when all that was accepted is done. Further work is dropped. */
  close(): Promise<void>
}

/** Requests that may wait. */
const LONGEST_QUEUE = 64
/** The share of time in which the thread has work, above which shadow work waits for better times by being dropped. */
const BUSY = 0.8
/** How often that share is measured, in milliseconds. */
const MEASURE_MS = 100

/** @param load the share of the last moments in which the thread was busy, from 0 to 1 */
export function shadowQueue(load: () => number = threadLoad()): ShadowQueue {
  const waiting: (() => Promise<void>)[] = []
  let running: Promise<void> | undefined
  let closed = false

  async function run(): Promise<void> {
    for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) {
      // The answers of requests that have arrived meanwhile go first.
      await new Promise((resolve) => setImmediate(resolve))
      await work()
    }
    running = undefined
  }

  return {
    offer(work) {
      if (closed || waiting.length >= LONGEST_QUEUE) return 'queue'
      if (load() > BUSY) return 'busy'
      waiting.push(work)
      running ??= run()
      return undefined
    },
    async close() {
      closed = true
      await running
    },
  }
}

function threadLoad(): () => number {
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  let measuredAt = performance.now()
  let load = 0
  return () => {
    const now = performance.now()
    if (now - measuredAt >= MEASURE_MS) {
      const present = performance.eventLoopUtilization()
      load = performance.eventLoopUtilization(present, before).utilization
      before = present
      measuredAt = now
    }
    return load
  }
}
