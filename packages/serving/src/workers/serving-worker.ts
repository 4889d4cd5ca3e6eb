import type { Socket } from 'node:net'
import process from 'node:process'
import { z } from 'zod'
import { Problem } from '../desk/problem.ts'
import type { MetricSamples, SharedMetrics } from '../desk/desk-metrics.ts'
import { WORKER_VARIABLE, type ToParent, type ToWorker } from './messages.ts'

/** What a worker does when it is told to. */
export interface WorkerDuties {
  /** A connection of a client. */
  readonly connection: (socket: Socket) => void
  /** Connections open now. */
  readonly open: () => number
  /** So many connections are to end with their next answer. */
  readonly shed: (connections: number) => void
  /** Finish what is under way and end. `handOver`: others go on, so clients may be given time to move. */
  readonly stop: (handOver: boolean) => void
  /** End every connection now. */
  readonly force: () => void
}

/** This process as one of several that answer on one port: given to `serving` and to `listen`. */
export interface ServingWorker extends SharedMetrics {
  /** From 1; a replacement has the number of the one that it replaces. */
  readonly number: number
  /** How many workers there are. */
  readonly of: number
  /** Where the parent listens. */
  readonly host: string
  /** Says that this worker is ready, and resolves when connections may come. */
  begin(duties: WorkerDuties): Promise<{ readonly url: string; readonly port: number }>
  /** @throws Problem `WORKERS_UNREACHABLE` when the parent does not answer within five seconds */
  metrics(): Promise<string>
  /** Says that connections have ended. */
  closed(): void
  /** Says that this worker takes no more connections. */
  leave(): void
  /** Gives the parent the last numbers, and lets this process end. */
  end(): Promise<void>
}

const identity = z.strictObject({ number: z.int().positive(), of: z.int().positive(), host: z.string() })
const REPORT_MS = 20
const PAGE_MS = 5000
/** How long a worker without a parent may take to finish. */
const ORPHAN_MS = 15_000

let made: ServingWorker | undefined

/**
 * What makes this process a worker of `serveWorkers`; undefined in any other process. A worker ends when its parent does.
 *
 * @example
 * const worker = servingWorker()
 * const shared = worker === undefined ? {} : { worker }
 * await listen(serving({ catalog, online, auth, ...shared }), shared)
 */
export function servingWorker(): ServingWorker | undefined {
  const given = process.env[WORKER_VARIABLE]
  if (made === undefined && given !== undefined) {
    // Processes that this one starts are no workers.
    delete process.env[WORKER_VARIABLE]
    made = workerOf(identity.parse(JSON.parse(given)))
  }
  return made
}

function workerOf({ number, of, host }: z.infer<typeof identity>): ServingWorker {
  const opened = Promise.withResolvers<{ readonly url: string; readonly port: number }>()
  const pages = new Map<number, (text: string) => void>()
  let samples: () => Promise<MetricSamples> = async () => []
  let duties: WorkerDuties | undefined
  let [asked, isOpen, ending] = [0, false, false]
  let timer: NodeJS.Timeout | undefined

  const send = (message: ToParent): Promise<void> =>
    new Promise((done) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => done())
      else done()
    })
  const report = () => ({ open: duties?.open() ?? 0, memory: process.memoryUsage.rss() })

  function receive(message: ToWorker, socket?: Socket): void {
    switch (message.kind) {
      case 'connection':
        if (socket !== undefined) duties?.connection(socket)
        return void send({ kind: 'taken', ...report() })
      case 'listening':
        isOpen = true
        return opened.resolve(message)
      case 'measure':
        return void samples().then((all) => send({ kind: 'measured', id: message.id, samples: all, ...report() }))
      case 'page':
        return pages.get(message.id)?.(message.text)
      case 'shed':
        return duties?.shed(message.connections)
      case 'stop':
        return isOpen ? duties?.stop(message.handOver) : process.exit(0)
      case 'force':
        return isOpen ? duties?.force() : process.exit(0)
    }
  }
  process.on('message', receive)
  // Until it is ready it may end by itself, with whatever exit code it has.
  process.channel?.unref()
  const orphaned = (): void => {
    if (ending) return
    if (!isOpen) return process.exit(1)
    setTimeout(() => process.exit(1), ORPHAN_MS).unref()
    duties?.stop(false)
  }
  process.once('disconnect', orphaned)
  if (!process.connected) orphaned()
  /** Many connections may end at once. */
  function closed(): void {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void send({ kind: 'report', ...report() })
    }, REPORT_MS)
    timer.unref()
  }

  return {
    number,
    of,
    host,
    begin(given) {
      duties = given
      process.channel?.ref()
      void send({ kind: 'ready' })
      return opened.promise
    },
    measureWith(source) {
      samples = source
    },
    metrics() {
      const id = asked++
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          pages.delete(id)
          reject(new Problem(503, 'WORKERS_UNREACHABLE', 'The process that started this worker does not answer.'))
        }, PAGE_MS)
        pages.set(id, (text) => {
          clearTimeout(late)
          pages.delete(id)
          resolve(text)
        })
        void send({ kind: 'ask-page', id })
      })
    },
    closed,
    leave: () => void send({ kind: 'leaving' }),
    async end() {
      if (ending) return
      ending = true
      clearTimeout(timer)
      await send({ kind: 'last', samples: await samples() })
      if (process.connected) process.disconnect()
    },
  }
}
