import { MartletError } from '@martlet/warehouse'
import type { RequestContext } from '../../request-context.ts'
import type { FeatureMatrix, ServableModel } from '../model-source.ts'
import { joinedMatrix } from './joined-matrix.ts'
import { splitOutputs, type Outputs } from './split-outputs.ts'

/** How requests that arrive together share runs of a model. */
export interface Batching {
  /** Milliseconds that a request may wait for others. 0: only those that have arrived by the time it would run. @default 0 */
  readonly waitMs?: number
  /** The most rows of one run; a request with more gets runs of its own. 1: no request shares a run. @default 64 */
  readonly rows?: number
}

/** A request in a run, alone or with others. */
export interface Ran {
  readonly outputs: Outputs
  /** Milliseconds of the run, which others may have shared. */
  readonly ms: number
}

/** Told of every run: its rows, the requests that shared it, its milliseconds, and how long the first of them had waited for it. */
export type OnRun = (rows: number, requests: number, ms: number, waitedMs: number) => void

/** What is asked of a request: whether anybody still waits for it. */
type Waiter = Pick<RequestContext, 'check'>

interface Waiting {
  readonly context: Waiter
  readonly vectors: FeatureMatrix
  readonly since: number
  readonly resolve: (ran: Ran) => void
  readonly reject: (error: unknown) => void
}

/** For how many runs of one request it is remembered that others were there. */
const REMEMBERED_RUNS = 16
/** Failures of a run that say nothing about its rows: it is not repeated for each request. */
const OF_THE_RUN: readonly string[] = [
  'MODEL_TIME_LIMIT',
  'MODEL_CRASHED',
  'MODEL_INTERRUPTED',
  'MODEL_BUSY',
  'MODEL_RELEASED',
]

/**
 * The runs of one loaded version. Requests that arrive in the same turn of the event loop, or while all its threads are busy, share
 * one. A run that fails because of its rows is repeated for each request alone, so that a request fails only because of its own.
 */
export class SharedRuns {
  readonly #model: ServableModel
  readonly #waitMs: number
  readonly #most: number
  readonly #onRun: OnRun
  readonly #waiting: Waiting[] = []
  #rows = 0
  #running = 0
  /** Above 0 when requests have met here lately. Where they come one at a time, none waits for others. */
  #crowded = 0
  #scheduled = false
  #timer: NodeJS.Timeout | undefined

  constructor(model: ServableModel, { waitMs, rows }: Required<Batching>, onRun: OnRun) {
    this.#model = model
    this.#waitMs = waitMs
    this.#most = rows
    this.#onRun = onRun
  }

  /**
   * Runs the rows of a request.
   *
   * @param alone whether no other request is at this model now
   * @throws what the request's own rows, its deadline or the model say
   */
  run(context: Waiter, vectors: FeatureMatrix, alone: boolean): Promise<Ran> {
    if (this.#model.sharesRuns !== true || vectors.rows >= this.#most) return this.#runAlone(vectors)
    if (!alone) this.#crowded = REMEMBERED_RUNS
    if (this.#crowded === 0 && this.#waitMs === 0 && this.#waiting.length === 0 && this.#hasRoom())
      return this.#runAlone(vectors)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ context, vectors, since: performance.now(), resolve, reject })
      this.#rows += vectors.rows
      if (this.#rows >= this.#most && this.#hasRoom()) this.#flush()
      else this.#schedule()
    })
  }

  #hasRoom(): boolean {
    return this.#running < (this.#model.runsAtOnce ?? Number.POSITIVE_INFINITY)
  }

  async #runAlone(vectors: FeatureMatrix): Promise<Ran> {
    this.#running++
    const begin = performance.now()
    try {
      const outputs = await this.#model.predict(vectors)
      const ms = performance.now() - begin
      this.#onRun(vectors.rows, 1, ms, 0)
      return { outputs, ms }
    } finally {
      this.#ended()
    }
  }

  #schedule(waitMs = this.#waitMs): void {
    // What waits behind a run goes when it has ended.
    if (this.#scheduled || !this.#hasRoom()) return
    this.#scheduled = true
    if (waitMs === 0) setImmediate(() => this.#flush())
    else this.#timer = setTimeout(() => this.#flush(), waitMs)
  }

  #flush(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
    this.#scheduled = false
    const current = this.#takeRun().filter(({ context, reject }) => isWaitedFor(context, reject))
    if (current.length > 0) void this.#runTogether(current)
    if (this.#waiting.length > 0) this.#schedule(0)
  }

  /** The oldest requests, as many as one run may have. */
  #takeRun(): readonly Waiting[] {
    let rows = 0
    let count = 0
    for (const { vectors } of this.#waiting) {
      if (count > 0 && rows + vectors.rows > this.#most) break
      rows += vectors.rows
      count++
    }
    this.#rows -= rows
    return this.#waiting.splice(0, count)
  }

  #ended(): void {
    this.#running--
    // They have waited for this run already.
    if (this.#waiting.length > 0) this.#schedule(0)
  }

  async #runTogether(waiting: readonly Waiting[]): Promise<void> {
    const [first] = waiting
    if (first === undefined) return
    this.#running++
    this.#crowded = waiting.length > 1 ? REMEMBERED_RUNS : Math.max(0, this.#crowded - 1)
    const begin = performance.now()
    const matrix = waiting.length === 1 ? first.vectors : joinedMatrix(waiting.map(({ vectors }) => vectors))
    try {
      const outputs = await this.#model.predict(matrix)
      const ms = performance.now() - begin
      this.#onRun(matrix.rows, waiting.length, ms, begin - first.since)
      let from = 0
      for (const { vectors, resolve } of waiting) {
        resolve({ outputs: waiting.length === 1 ? outputs : splitOutputs(outputs, from, vectors.rows), ms })
        from += vectors.rows
      }
    } catch (error) {
      if (waiting.length === 1 || isOfTheRun(error)) for (const { reject } of waiting) reject(error)
      else await this.#runOneByOne(waiting)
    } finally {
      this.#ended()
    }
  }

  async #runOneByOne(waiting: readonly Waiting[]): Promise<void> {
    for (const { context, vectors, resolve, reject } of waiting) {
      if (!isWaitedFor(context, reject)) continue
      const begin = performance.now()
      try {
        const outputs = await this.#model.predict(vectors)
        const ms = performance.now() - begin
        this.#onRun(vectors.rows, 1, ms, 0)
        resolve({ outputs, ms })
      } catch (error) {
        reject(error)
      }
    }
  }
}

/** Whether a request is still in time and its caller there; otherwise it is rejected. */
function isWaitedFor(context: Waiter, reject: (error: unknown) => void): boolean {
  try {
    context.check()
    return true
  } catch (error) {
    reject(error)
    return false
  }
}

function isOfTheRun(error: unknown): boolean {
  return error instanceof MartletError && OF_THE_RUN.includes(error.code)
}
