import type { ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { MartletError } from '@martlet/warehouse'
import { crashed, memoryLimit, timeLimit, type Phase } from './isolation-errors.ts'
import type { IsolationLimits } from './isolation-limits.ts'
import type { ModelReply, ModelRequest } from './messages.ts'
import { memoryOf, memoryOnLinux } from './process-memory.ts'
import { EMPTY_RESIDENT_BYTES, spawnModelProcess } from './spawn-model-process.ts'

/** A process that runs one model. It keeps this process alive only while a request is in progress. */
export interface RunningProcess {
  readonly alive: boolean
  readonly pid: number | undefined
  /** Sends one request at a time. Rejects when a limit is exceeded or the process ends by itself; the process is gone then. */
  ask(request: ModelRequest): Promise<ModelReply>
  /** The most memory it had, bytes. */
  peakBytes(): number
  /** Ends the process; a request in progress rejects with this error. */
  end(because: MartletError): Promise<void>
}

const WATCH_MS = 100
const STDERR_KEPT = 8192
/** What onnxruntime, C++ and V8 print when an allocation fails. */
const OUT_OF_MEMORY = /allocate memory|bad_alloc|out of memory|bad allocation|Allocation failed|Cannot allocate/i

export function isOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.test(text)
}

/** Starts a process for one model. */
export function startProcess(model: string, limits: IsolationLimits): RunningProcess {
  return new ChildOfModel(model, limits)
}

interface Pending {
  readonly resolve: (reply: ModelReply) => void
  readonly reject: (error: MartletError) => void
}

class ChildOfModel implements RunningProcess {
  readonly #model: string
  readonly #limits: IsolationLimits
  readonly #child: ChildProcess
  readonly #gone: Promise<void>
  #alive = true
  #phase: Phase = 'open'
  #verdict: MartletError | undefined
  /** The last that it printed on stderr. */
  #said = ''
  #peak = 0
  #pending: Pending | undefined

  constructor(model: string, limits: IsolationLimits) {
    this.#model = model
    this.#limits = limits
    this.#child = spawnModelProcess(limits.memoryBytes)
    this.#gone = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve(this.#settle(signal ?? `exit code ${code}`)))
      this.#child.on('error', (error) => {
        if (this.#child.pid === undefined) resolve(this.#settle(error.message))
      })
    })
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.#said = (this.#said + text.toString()).slice(-STDERR_KEPT)
    })
    this.#child.on('message', (reply: ModelReply) => {
      this.#pending?.resolve(reply)
      this.#pending = undefined
    })
    this.#keepWaiting(false)
  }

  get alive(): boolean {
    return this.#alive
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  async ask(request: ModelRequest): Promise<ModelReply> {
    this.#phase = request.kind
    const limitMs = request.kind === 'open' ? this.#limits.openMs : this.#limits.runMs
    const watch = setInterval(() => void this.#watchMemory(), WATCH_MS)
    const expire = (): void => {
      if (this.#pending !== undefined) this.#kill(timeLimit(this.#model, this.#phase, limitMs))
    }
    // An answer that arrived while this process was busy is read first.
    const timer = setTimeout(() => setImmediate(expire), limitMs)
    this.#keepWaiting(true)
    try {
      return await new Promise<ModelReply>((resolve, reject) => {
        this.#pending = { resolve, reject }
        // A failed send means that the process has ended, which `close` reports.
        this.#child.send(request, () => undefined)
      })
    } finally {
      clearInterval(watch)
      clearTimeout(timer)
      if (this.#alive) this.#keepWaiting(false)
    }
  }

  peakBytes(): number {
    const { pid } = this.#child
    if (pid !== undefined) this.#peak = Math.max(this.#peak, memoryOnLinux(pid)?.peak ?? 0)
    return this.#peak
  }

  async end(because: MartletError): Promise<void> {
    this.#kill(because)
    await this.#gone
  }

  /** Whether the child keeps this process from ending. */
  #keepWaiting(waiting: boolean): void {
    const change = waiting ? 'ref' : 'unref'
    this.#child[change]()
    this.#child.channel?.[change]()
    if (this.#child.stderr instanceof Socket) this.#child.stderr[change]()
  }

  #settle(ended: string): void {
    this.#alive = false
    const error = this.#verdict ?? this.#reasonOf(ended)
    this.#pending?.reject(error)
    this.#pending = undefined
  }

  #reasonOf(ended: string): MartletError {
    return isOutOfMemory(this.#said)
      ? memoryLimit(this.#model, this.#phase, this.#limits.memoryBytes)
      : crashed(this.#model, this.#phase, ended, this.#said)
  }

  #kill(because: MartletError): void {
    this.#verdict ??= because
    this.#alive = false
    this.#keepWaiting(true)
    this.#child.kill('SIGKILL')
  }

  async #watchMemory(): Promise<void> {
    if (this.#child.pid === undefined) return
    const memory = await memoryOf(this.#child.pid)
    if (memory === undefined || this.#pending === undefined) return
    this.#peak = Math.max(this.#peak, memory.peak)
    const { memoryBytes } = this.#limits
    if (memory.own > memoryBytes + EMPTY_RESIDENT_BYTES) this.#kill(memoryLimit(this.#model, this.#phase, memoryBytes))
  }
}
