import { Socket } from 'node:net'
import type { MartletError } from '@martlet/warehouse'
import { crashed, memoryLimit, timeLimit, type Phase } from './isolation-errors.ts'
import type { IsolationLimits } from './isolation-limits.ts'
import type { ModelReply, ModelRequest } from './messages.ts'
import { memoryOf, memoryOnLinux } from './process-memory.ts'
import { EMPTY_RESIDENT_BYTES, spawnModelProcess } from './spawn-model-process.ts'

/** A process that runs one model. It keeps this process alive only while a request is under way. */
export interface RunningProcess {
  readonly alive: boolean
  readonly pid: number | undefined
  /** Sends one request at a time. Rejects when a limit is exceeded or the process ends by itself; it is gone then. */
  ask(request: ModelRequest): Promise<ModelReply>
  /** The most memory it had resident, bytes. */
  peakBytes(): number
  /** Ends it; a request under way rejects with this error. */
  end(because: MartletError): Promise<void>
}

const WATCH_MS = 100
const STDERR_KEPT = 8192
/** What onnxruntime, C++ and V8 print when an allocation fails. */
const OUT_OF_MEMORY = /allocate memory|bad_alloc|out of memory|bad allocation|Allocation failed|Cannot allocate/i

export function isOutOfMemory(text: string): boolean {
  return OUT_OF_MEMORY.test(text)
}

export function startProcess(model: string, limits: IsolationLimits): RunningProcess {
  const child = spawnModelProcess(limits.memoryBytes)
  let alive = true
  let phase: Phase = 'open'
  let verdict: MartletError | undefined
  let said = ''
  let peak = 0
  let pending: { resolve: (reply: ModelReply) => void; reject: (error: MartletError) => void } | undefined

  const notePeak = (): void => {
    if (child.pid !== undefined) peak = Math.max(peak, memoryOnLinux(child.pid)?.peak ?? 0)
  }
  const hold = (held: boolean): void => {
    const change = held ? 'ref' : 'unref'
    child[change]()
    child.channel?.[change]()
    if (child.stderr instanceof Socket) child.stderr[change]()
  }
  const gone = new Promise<void>((resolve) => {
    const settle = (ended: string): void => {
      alive = false
      const error =
        verdict ??
        (isOutOfMemory(said) ? memoryLimit(model, phase, limits.memoryBytes) : crashed(model, phase, ended, said))
      pending?.reject(error)
      pending = undefined
      resolve()
    }
    child.once('close', (code, signal) => settle(signal ?? `exit code ${code}`))
    child.on('error', (error) => {
      if (child.pid === undefined) settle(error.message)
    })
  })
  child.stderr?.on('data', (text: Buffer) => {
    said = (said + text.toString()).slice(-STDERR_KEPT)
  })
  child.on('message', (reply: ModelReply) => {
    pending?.resolve(reply)
    pending = undefined
  })
  hold(false)

  const kill = (because: MartletError): void => {
    verdict ??= because
    alive = false
    hold(true)
    child.kill('SIGKILL')
  }
  const watchMemory = async (): Promise<void> => {
    if (child.pid === undefined) return
    const memory = await memoryOf(child.pid)
    if (memory === undefined || pending === undefined) return
    peak = Math.max(peak, memory.peak)
    if (memory.own > limits.memoryBytes + EMPTY_RESIDENT_BYTES) kill(memoryLimit(model, phase, limits.memoryBytes))
  }

  return {
    get alive() {
      return alive
    },
    pid: child.pid,
    async ask(request) {
      phase = request.kind
      const limitMs = phase === 'open' ? limits.openMs : limits.runMs
      const watch = setInterval(() => void watchMemory(), WATCH_MS)
      const expire = (): void => {
        if (pending !== undefined) kill(timeLimit(model, phase, limitMs))
      }
      // an answer that arrived while this process was busy is read first
      const timer = setTimeout(() => setImmediate(expire), limitMs)
      hold(true)
      try {
        return await new Promise<ModelReply>((resolve, reject) => {
          pending = { resolve, reject }
          // a failed send means that the process has ended, which `close` reports
          child.send(request, () => undefined)
        })
      } finally {
        clearInterval(watch)
        clearTimeout(timer)
        if (alive) hold(false)
      }
    },
    peakBytes() {
      notePeak()
      return peak
    },
    async end(because) {
      kill(because)
      await gone
    },
  }
}
