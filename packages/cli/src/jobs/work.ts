import { setTimeout as sleep } from 'node:timers/promises'
import { claimJob, removeEndedJobs, type Catalog, type HeldJob, type JobRetention } from '@martlet/feature-store'
import type { JobEnd } from './run-job.ts'

const SWEEP_MS = 3_600_000

export type WorkEvent =
  | { readonly type: 'job'; readonly id: string; readonly kind: string; readonly attempt: number }
  | ({ readonly type: 'job-end'; readonly id: string; readonly kind: string } & JobEnd)
  | { readonly type: 'trouble'; readonly message: string }

export interface WorkOptions {
  readonly catalog: Pick<Catalog, 'db'>
  readonly kinds: readonly string[]
  /** How many jobs run at once. */
  readonly concurrency: number
  /** Ends when there is nothing more to do now. */
  readonly once: boolean
  /** How often the queue is looked at, in milliseconds. */
  readonly pollMs: number
  readonly retention: JobRetention
  readonly signal: AbortSignal
  readonly now: () => number
  readonly run: (held: HeldJob) => Promise<JobEnd>
  /** The table of jobs in the warehouse; undefined: there is none. */
  readonly table?: JobTable
  readonly onEvent: (event: WorkEvent) => void
}

/** Jobs that are asked for and shown in the warehouse. */
export interface JobTable {
  /** How often it is looked at, in milliseconds. It is also brought up to date when a job has ended. */
  readonly everyMs: number
  /**
   * Takes the jobs that are asked for there and writes how all are.
   *
   * @param waits whether it waits for others who have the warehouse open
   * @returns how many were taken; undefined: not now
   */
  sync(waits: boolean): Promise<number | undefined>
}

/** How many jobs ended in which way. */
export type WorkDone = Readonly<Record<JobEnd['outcome'], number>>

/** Claims jobs and runs them, until it is stopped or, with `once`, there are none. */
export async function work(options: WorkOptions): Promise<WorkDone> {
  const { catalog, kinds, concurrency, once, pollMs, retention, signal, now, onEvent, table } = options
  const done = { succeeded: 0, failed: 0, cancelled: 0, retried: 0, 'given back': 0, lost: 0 }
  const running = new Set<Promise<void>>()
  let swept = -SWEEP_MS
  let [behind, synced] = [table !== undefined, 0]
  const sync = async (waits: boolean): Promise<number> => {
    synced = performance.now()
    const taken = await table?.sync(waits)
    behind = table !== undefined && taken === undefined
    return taken ?? 0
  }
  while (!signal.aborted) {
    try {
      if (performance.now() - swept >= SWEEP_MS) {
        await removeEndedJobs(catalog, retention, now())
        swept = performance.now()
      }
      if (behind || (table !== undefined && performance.now() - synced >= table.everyMs)) await sync(once)
      while (running.size < concurrency && !signal.aborted) {
        const held = await claimJob(catalog, { kinds, now: now() })
        if (held === undefined) break
        const job = runOne(held, options, done).finally(() => {
          running.delete(job)
          behind = table !== undefined
        })
        running.add(job)
      }
    } catch (error) {
      // Without --once, a catalog that cannot be reached is waited for.
      if (once) throw error
      onEvent({ type: 'trouble', message: error instanceof Error ? error.message : String(error) })
    }
    if (once && running.size === 0 && !behind) break
    if (once && running.size === 0) continue
    await Promise.race([sleep(pollMs, undefined, { signal }).catch(() => undefined), ...running])
  }
  await Promise.all(running)
  return done
}

async function runOne(
  held: HeldJob,
  { run, onEvent }: WorkOptions,
  done: Record<keyof WorkDone, number>,
): Promise<void> {
  const { id, kind, attempts } = held.job
  onEvent({ type: 'job', id, kind, attempt: attempts })
  try {
    const end = await run(held)
    done[end.outcome]++
    onEvent({ type: 'job-end', id, kind, ...end })
  } catch (error) {
    // How it ended could not be written down. Its lease will run out, and it is run again.
    done.lost++
    onEvent({ type: 'trouble', message: error instanceof Error ? error.message : String(error) })
  }
}
