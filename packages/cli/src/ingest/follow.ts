import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyIngestSource, DrainProgress, EventStore } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'

export interface FollowOptions {
  readonly sources: readonly AnyIngestSource[]
  readonly events: EventStore
  /** Brings what some sources have into the warehouse, which is open only while it runs. */
  readonly round: (sources: readonly AnyIngestSource[]) => Promise<readonly DrainProgress[]>
  /** Milliseconds between two looks at the journals. */
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Told once when a round must wait for a warehouse that another process has open. */
  readonly onWaiting: (why: MartletError) => void
}

/** Brings events into the warehouse as they come, until the signal stops it. */
export async function follow(options: FollowOptions): Promise<ReadonlyMap<string, DrainProgress>> {
  const { sources, events, round, everyMs, signal, onWaiting } = options
  const last = new Map<string, DrainProgress>()
  let waiting = false
  while (!signal.aborted) {
    const behind = []
    for (const source of sources) {
      const before = last.get(source.name)
      if (before === undefined || (await events.newest(source.name)) !== before.position) behind.push(source)
    }
    if (behind.length > 0) {
      try {
        for (const done of await round(behind)) last.set(done.source, plus(last.get(done.source), done))
        waiting = false
      } catch (error) {
        if (!(error instanceof MartletError)) throw error
        if (error.code === 'CANCELLED') break
        if (error.code !== 'WAREHOUSE_LOCKED') throw error
        if (!waiting) onWaiting(error)
        waiting = true
      }
    }
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
  }
  return last
}

function plus(before: DrainProgress | undefined, done: DrainProgress): DrainProgress {
  if (before === undefined) return done
  return { ...done, events: before.events + done.events, rejected: before.rejected + done.rejected }
}
