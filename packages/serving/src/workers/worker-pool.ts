import { setTimeout as sleep } from 'node:timers/promises'
import { MartletError } from '@martlet/warehouse'
import type { RestartReason } from './merged-metrics.ts'
import { WorkerProcess, type WorkerEnd, type WorkerScript, type WorkerWatch } from './worker-process.ts'

/** What is worth telling about workers. */
export type WorkerEvent =
  | { readonly type: 'worker-started'; readonly worker: number; readonly pid: number | undefined }
  | ({
      /** It ended although nobody asked it to; another one starts after `restartMs`. */
      readonly type: 'worker-ended'
      readonly worker: number
      readonly pid: number | undefined
      readonly restartMs: number
    } & WorkerEnd)
  | ({
      /** It ended before it was ready; another one starts after `restartMs`. */
      readonly type: 'worker-failed'
      readonly worker: number
      readonly pid: number | undefined
      readonly restartMs: number
    } & WorkerEnd)
  | ({
      /** A new worker that was to replace this one ended before it was ready; this one and those after it stay. */
      readonly type: 'restart-failed'
      readonly worker: number
    } & WorkerEnd)

export interface PoolOptions extends Omit<WorkerWatch, 'onEnd' | 'onLeaving'> {
  readonly workers: number
  readonly host: string
  readonly script: WorkerScript
  readonly onEnd: (...end: [...Parameters<WorkerWatch['onEnd']>, crashed: boolean]) => void
  readonly onReplaced: (reason: RestartReason) => void
  readonly onEvent: (event: WorkerEvent) => void
  /** Called when no worker is left and none can be started. */
  readonly onHopeless: (error: MartletError) => void
}

/** A fixed number of workers, each replaced when it ends. */
export interface WorkerPool {
  /** Starts all and resolves when they are ready. @throws MartletError `WORKER_FAILED` when one cannot start */
  start(): Promise<void>
  /** Those that take connections. */
  readonly ready: readonly WorkerProcess[]
  /** All that have not ended. */
  readonly all: readonly WorkerProcess[]
  /** Replaces one after another by new ones. @throws MartletError `WORKER_FAILED` when a new one cannot start; the old one stays */
  roll(): Promise<void>
  /** From now on nobody is replaced. */
  stop(): void
}

/** Tries of a worker that is killed while it starts. */
const FIRST_TRIES = 3
/** Failed starts in a row after which a pool without a worker gives up. */
const LAST_TRIES = 5
/** A worker that lived so long is replaced at once. */
const LONG_LIFE_MS = 30_000
const LONGEST_PAUSE_MS = 10_000

export function workerPool(options: PoolOptions): WorkerPool {
  const { workers, host, script, onEvent } = options
  const present = new Set<WorkerProcess>()
  /** Numbers of workers that are being replaced. */
  const replacing = new Set<number>()
  /** Short lives in a row. */
  const quick = new Map<number, number>()
  /** Counts workers as they are started. */
  let births = 0
  const born = new WeakMap<WorkerProcess, number>()
  let stopped = false
  let rolling: Promise<void> | undefined
  /** The newest worker that is to be replaced. */
  let replacedUpTo = 0

  const pauseOf = (number: number): number => {
    const crashes = quick.get(number) ?? 0
    return crashes === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 50 * 2 ** crashes)
  }

  /** Starts one; its end when it ended before it was ready. */
  async function begin(number: number): Promise<WorkerProcess | WorkerEnd> {
    const { promise: isReady, resolve } = Promise.withResolvers<void>()
    const since = Date.now()
    const worker = new WorkerProcess(number, workers, host, script, {
      onReady(self) {
        self.state = 'ready'
        options.onReady(self)
        resolve()
      },
      onLeaving(self) {
        if (stopped || self.state !== 'ready') return
        self.state = 'stopping'
        void replace(number)
      },
      onFree: options.onFree,
      onAsked: options.onAsked,
      onEnd(self, end, unconfirmed) {
        present.delete(self)
        const crashed = self.state === 'ready' && !stopped
        options.onEnd(self, end, unconfirmed, crashed)
        if (!crashed) return
        quick.set(number, Date.now() - since > LONG_LIFE_MS ? 0 : (quick.get(number) ?? 0) + 1)
        onEvent({ type: 'worker-ended', worker: number, pid: self.pid, ...end, restartMs: pauseOf(number) })
        void replace(number)
      },
    })
    present.add(worker)
    born.set(worker, ++births)
    const end = await Promise.race([isReady, worker.ended])
    if (end !== undefined) return end
    onEvent({ type: 'worker-started', worker: number, pid: worker.pid })
    return worker
  }

  async function first(number: number): Promise<void> {
    for (let tries = 1; ; tries++) {
      const begun = await begin(number)
      if (begun instanceof WorkerProcess || stopped) return
      // One that ends by itself would do so again.
      if (begun.signal === null || tries === FIRST_TRIES) throw failed(number, begun)
      const restartMs = 50 * 2 ** tries
      onEvent({ type: 'worker-failed', worker: number, pid: undefined, ...begun, restartMs })
      await sleep(restartMs)
    }
  }

  async function replace(number: number): Promise<void> {
    if (replacing.has(number)) return
    replacing.add(number)
    for (let failures = 1; !stopped; failures++) {
      await sleep(pauseOf(number))
      if (stopped) return
      const begun = await begin(number)
      if (begun instanceof WorkerProcess) {
        replacing.delete(number)
        return options.onReplaced('ended')
      }
      if (stopped) return
      quick.set(number, (quick.get(number) ?? 0) + 1)
      onEvent({ type: 'worker-failed', worker: number, pid: undefined, ...begun, restartMs: pauseOf(number) })
      if (failures >= LAST_TRIES && readyOnes().length === 0) return options.onHopeless(failed(number, begun))
    }
  }

  async function rollAll(): Promise<void> {
    for (;;) {
      const old = readyOnes().find((worker) => isOld(worker) && !replacing.has(worker.number))
      if (old === undefined || stopped) return
      const { number } = old
      replacing.add(number)
      const begun = await begin(number)
      replacing.delete(number)
      if (!(begun instanceof WorkerProcess)) {
        if (!present.has(old)) void replace(number)
        onEvent({ type: 'restart-failed', worker: number, ...begun })
        throw failed(number, begun)
      }
      options.onReplaced('asked')
      old.state = 'stopping'
      old.tell({ kind: 'stop', handOver: true })
      await old.ended
    }
  }

  const isOld = (worker: WorkerProcess): boolean => (born.get(worker) ?? 0) <= replacedUpTo
  const readyOnes = (): readonly WorkerProcess[] => [...present].filter(({ state }) => state === 'ready')

  return {
    async start() {
      await Promise.all(Array.from({ length: workers }, (_, index) => first(index + 1)))
    },
    get ready() {
      return readyOnes()
    },
    get all() {
      return [...present]
    },
    roll() {
      // Asked for again in the middle, those that have just been replaced go, too: they may have read an older configuration.
      replacedUpTo = births
      rolling ??= rollAll().finally(() => (rolling = undefined))
      return rolling
    },
    stop() {
      stopped = true
    },
  }
}

function failed(worker: number, { exitCode, signal }: WorkerEnd): MartletError {
  const how = signal === null ? `ended with exit code ${exitCode}` : `was ended by ${signal}`
  return new MartletError('WORKER_FAILED', `Worker ${worker} ${how} before it was ready. Its own output says why.`, {
    data: { worker, exitCode, signal },
  })
}
