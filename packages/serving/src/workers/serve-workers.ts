import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import { handOut } from './hand-out.ts'
import { opened } from './listening.ts'
import { isCount, mergedMetrics } from './merged-metrics.ts'
import { overfull } from './overfull.ts'
import type { WorkerProcess, WorkerScript } from './worker-process.ts'
import { workerPool, type WorkerEvent } from './worker-pool.ts'

export interface ServeWorkersOptions extends WorkerScript {
  /** How many; `'auto'`: one for each processor. @default 'auto' */
  readonly workers?: number | 'auto'
  /** 0 picks a free port. @default 8080 */
  readonly port?: number
  /** @default '127.0.0.1' */
  readonly host?: string
  /** Milliseconds between telling the workers to stop and refusing connections. Give `listen` the same. @default 0 */
  readonly drainMs?: number
  /** Milliseconds that requests under way may take to finish on shutdown. Give `listen` the same. @default 10000 */
  readonly shutdownMs?: number
  /** Shut down on SIGTERM and SIGINT, at once on the second; replace all workers on SIGHUP. @default true */
  readonly signals?: boolean
  readonly onEvent?: (event: WorkerEvent) => void
}

export interface ServingWorkers extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Those that answer now. */
  readonly workers: readonly { readonly worker: number; readonly pid: number; readonly connections: number }[]
  /**
   * Replaces one worker after another by a new one, without a failed request.
   * @throws MartletError `WORKER_FAILED` when a new one cannot start; the others go on
   */
  restart(): Promise<void>
  /** Stops accepting, lets requests finish. Resolves when every worker has ended. */
  close(): Promise<void>
  /** Ends every connection and worker now. */
  force(): void
  /** Settles when everything is closed; rejects with `WORKER_FAILED` when no worker could be kept alive. */
  readonly closed: Promise<void>
}

/** How long a scrape waits for one worker. */
const SCRAPE_MS = 1000
/** How long a worker that is to end may take beyond its own time. */
const EXTRA_MS = 5000

/**
 * Runs a script in several processes that answer on one port. In the script, `servingWorker()` goes to `serving` and
 * `listen`. This process accepts the connections and gives each to the worker with the fewest, restarts workers that
 * end, and merges their metrics.
 *
 * @throws MartletError `WORKER_FAILED` when a worker ends before it is ready
 * @throws MartletError `LISTEN_FAILED` when the port is not available
 * @example await using workers = await serveWorkers({ script: 'server.ts', workers: 2, port: 8080 })
 */
export async function serveWorkers(options: ServeWorkersOptions): Promise<ServingWorkers> {
  const { port = 8080, host = '127.0.0.1', drainMs = 0, shutdownMs = 10_000, signals = true } = options
  const { onEvent = () => undefined } = options
  const count = countOf(options.workers ?? 'auto')
  const metrics = mergedMetrics()
  const { promise: closed, resolve, reject } = Promise.withResolvers<void>()
  closed.catch(() => undefined)
  let address: { readonly url: string; readonly port: number } | undefined
  let page: Promise<string> | undefined
  let closing: Promise<void> | undefined

  const begin = (worker: WorkerProcess): void => {
    if (address !== undefined) worker.tell({ kind: 'listening', ...address })
    connections.next()
  }
  const pool = workerPool({
    workers: count,
    host,
    script: options,
    onEvent,
    onReady: begin,
    onFree: () => connections.next(),
    onAsked(worker, id) {
      page ??= pageOf().finally(() => (page = undefined))
      void page.then((text) => worker.tell({ kind: 'page', id, text }))
    },
    onEnd(worker, end, unconfirmed, crashed) {
      metrics.keep(worker.samples)
      if (crashed) metrics.lost.inc(end.connections)
      connections.again(unconfirmed)
    },
    onReplaced: (reason) => metrics.restarts.inc({ reason }),
    onHopeless: (error) => void closeOnce(error),
  })
  const connections = handOut({ takers: () => pool.ready, onRefused: () => metrics.refused.inc() })

  async function pageOf(): Promise<string> {
    const live = pool.all.filter(({ state }) => state !== 'starting')
    const heard = await Promise.all(live.map((worker) => worker.measure(SCRAPE_MS)))
    metrics.unheard.set(heard.filter((answered) => !answered).length)
    for (const state of ['starting', 'ready', 'stopping'] as const)
      metrics.workers.set({ state }, pool.all.filter((worker) => worker.state === state).length)
    metrics.connections.reset()
    metrics.memory.reset()
    metrics.memory.set({ worker: 0 }, process.memoryUsage.rss())
    for (const { number, state, open, memory } of live) {
      if (state !== 'ready') continue
      metrics.connections.set({ worker: number }, open)
      metrics.memory.set({ worker: number }, memory)
    }
    // Those that have ended in the meantime are among the counts that are kept.
    return metrics.text(
      live.flatMap((worker, index) => {
        if (!pool.all.includes(worker)) return []
        const { samples } = worker
        return [heard[index] === true ? samples : samples.filter(({ type }) => isCount(String(type)))]
      }),
    )
  }

  const acceptor = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => connections.add(socket))
  const balance = setInterval(() => {
    const found = overfull(pool.ready)
    found?.worker.tell({ kind: 'shed', connections: found.connections })
  }, 1000)
  balance.unref()

  async function close(why?: MartletError): Promise<void> {
    pool.stop()
    clearInterval(balance)
    for (const worker of pool.all) worker.tell({ kind: 'stop', handOver: false })
    await sleep(drainMs)
    if (acceptor.listening) acceptor.close()
    const late = setTimeout(killAll, shutdownMs + EXTRA_MS)
    await Promise.all(pool.all.map(({ ended }) => ended))
    clearTimeout(late)
    connections.stop()
    process.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onHangUp)
    if (why === undefined) resolve()
    else reject(why)
  }
  const killAll = (): void => pool.all.forEach((worker) => worker.kill())
  function closeOnce(why?: MartletError): Promise<void> {
    closing ??= close(why)
    return closing
  }
  function force(): void {
    void closeOnce()
    for (const worker of pool.all) worker.tell({ kind: 'force' })
    setTimeout(killAll, 1000).unref()
  }
  const onStop = (): void => void (closing === undefined ? closeOnce() : force())
  const onHangUp = (): void => void pool.roll().catch(() => undefined)
  if (signals) {
    process.on('SIGTERM', onStop).on('SIGINT', onStop)
    // A terminal that is closed ends its programs; without one, the signal asks for new workers.
    if (!process.stdin.isTTY) process.on('SIGHUP', onHangUp)
  }

  try {
    await pool.start()
    if (closing !== undefined) throw stoppedEarly()
    address = await opened(acceptor, port, host)
  } catch (error) {
    await closeOnce()
    throw error
  }
  for (const worker of pool.ready) begin(worker)
  return {
    ...address,
    get workers() {
      return pool.ready.map(({ number, pid = 0, open }) => ({ worker: number, pid, connections: open }))
    },
    restart: () => pool.roll(),
    close: () => closeOnce(),
    force,
    closed,
    [Symbol.asyncDispose]: () => closeOnce(),
  }
}

function countOf(workers: number | 'auto'): number {
  if (workers === 'auto') return availableParallelism()
  if (Number.isSafeInteger(workers) && workers >= 1 && workers <= 128) return workers
  throw new MartletError('INVALID_WORKERS', `${workers} is not a number of workers. Give 1 to 128, or 'auto'.`, {
    data: { workers },
  })
}

const stoppedEarly = (): MartletError =>
  new MartletError('CANCELLED', 'Stopped before every worker was ready.', { data: {} })
