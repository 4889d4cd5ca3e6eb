import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MartletError } from '@martlet/warehouse'
import { timeLimit } from '../isolated/isolation-errors.ts'
import type { ModelReply, ModelRequest } from '../isolated/messages.ts'
import { STOP } from './stop.ts'
import type { ThreadLimits } from './thread-limits.ts'

interface Pending {
  readonly resolve: (reply: ModelReply) => void
  readonly reject: (error: MartletError) => void
}

/**
 * A thread that runs one model. It keeps this process alive only while a request is in progress.
 *
 * It is never terminated, only asked to stop: onnxruntime-node ends the whole process when its thread is terminated during a run
 * (and with it anything that limits the thread's heap).
 */
export class RunningThread {
  readonly #model: string
  readonly #limits: ThreadLimits
  readonly #worker: Worker
  /** Settles when the thread has ended; a run in native code ends first. */
  readonly gone: Promise<void>
  #alive = true
  #pending: Pending | undefined
  #verdict: MartletError | undefined
  #said = ''

  constructor(model: string, limits: ThreadLimits) {
    this.#model = model
    this.#limits = limits
    const extension = extname(import.meta.filename)
    this.#worker = new Worker(entryOf(extension), {
      execArgv: extension === '.ts' ? ['--conditions=@martlet/source', '--no-warnings'] : [],
      env: {},
    })
    this.gone = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#end(this.#verdict ?? crashed(model, code, this.#said))
        resolve()
      })
    })
    this.#worker.on('error', (error) => (this.#said = error instanceof Error ? error.message : String(error)))
    this.#worker.on('message', (reply: ModelReply) => {
      const pending = this.#pending
      this.#pending = undefined
      pending?.resolve(reply)
    })
    this.#worker.unref()
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Sends one request at a time. Rejects when it takes too long or the thread ends by itself; the thread ends then. */
  async ask(request: ModelRequest): Promise<ModelReply> {
    const limitMs = request.kind === 'open' ? this.#limits.openMs : this.#limits.runMs
    const expire = (): void => {
      if (this.#pending !== undefined) void this.end(timeLimit(this.#model, request.kind, limitMs))
    }
    // An answer that arrived while this thread was busy is read first.
    const timer = setTimeout(() => setImmediate(expire), limitMs)
    this.#worker.ref()
    try {
      return await new Promise<ModelReply>((resolve, reject) => {
        if (!this.#alive) return reject(this.#verdict ?? crashed(this.#model, 1, this.#said))
        this.#pending = { resolve, reject }
        this.#worker.postMessage(request)
      })
    } finally {
      clearTimeout(timer)
      if (this.#alive) this.#worker.unref()
    }
  }

  /** Ends the thread; a request in progress rejects at once with this error. Settles when the thread is gone, after its run. */
  end(because: MartletError): Promise<void> {
    this.#verdict ??= because
    this.#end(because)
    this.#worker.ref()
    this.#worker.postMessage(STOP)
    return this.gone
  }

  #end(error: MartletError): void {
    this.#alive = false
    const pending = this.#pending
    this.#pending = undefined
    pending?.reject(error)
  }
}

function entryOf(extension: string): string {
  const entry = join(import.meta.dirname, `model-thread${extension}`)
  if (existsSync(entry)) return entry
  throw new MartletError(
    'ISOLATION_UNAVAILABLE',
    `The file that runs models in a thread of their own is not at ${entry}. ` +
      'Leave @martlet/registry out of the bundle (mark it external), or load models with threads: 0.',
    { data: { entry } },
  )
}

function crashed(model: string, code: number, said: string): MartletError {
  return new MartletError(
    'MODEL_CRASHED',
    `The thread of model ${model} ended with exit code ${code}. The next run starts a new one; ` +
      'if it happens again, export the model again.',
    { data: { model, code, said: said.slice(-2000) } },
  )
}
