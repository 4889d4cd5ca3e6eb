import { MartletError } from '@martlet/warehouse'
import { busy, interrupted, outputLimit, runtimeMissing } from '../isolated/isolation-errors.ts'
import type { ModelReply, ModelRequest } from '../isolated/messages.ts'
import type { OnnxRuntime, OnnxSession, Tensor, Tensors } from '../onnx-runtime.ts'
import { readOutputs } from '../read-outputs.ts'
import { RunningThread } from './running-thread.ts'
import { MAX_THREADS, takeThreads, threadLimitsOf, type ThreadLimits } from './thread-limits.ts'

/**
 * Runs each model with onnxruntime-node in threads of its own, so that neither opening nor running it occupies the calling thread.
 * Every thread has a session of its own, and sessions share no memory. A thread that ends by itself is replaced at the next run. A
 * run in native code can be neither stopped nor survived when it crashes, so models that may do so belong in `isolatedRuntime`.
 *
 * Runs fail with `MODEL_TIME_LIMIT` or `MODEL_CRASHED`, with `MODEL_BUSY` when too many wait, and with `MODEL_INTERRUPTED` when the
 * session is released before they finish. Opening fails with `THREAD_LIMIT` when 32 threads run models already.
 *
 * @example const session = await threadedRuntime(1, { runMs: 200 }).open(bytes, 'next_day version 3')
 */
export function threadedRuntime(threads = 1, limits: Partial<ThreadLimits> = {}): OnnxRuntime {
  return {
    name: 'onnxruntime-node',
    open: (model, label = 'without a name') => openThreaded(model, label, threads, threadLimitsOf(limits)),
  }
}

async function openThreaded(
  model: Uint8Array,
  label: string,
  threads: number,
  limits: ThreadLimits,
): Promise<OnnxSession> {
  const giveBack = takeThreads(threads)
  if (giveBack === undefined)
    throw new MartletError(
      'THREAD_LIMIT',
      `Model ${label} needs ${threads} threads of its own, and no more than ${MAX_THREADS} run models in one process. ` +
        'Release models that are not used, or load them with fewer threads.',
      { data: { model: label, threads, limit: MAX_THREADS } },
    )
  const session = new ThreadedSession(model, label, threads, limits, giveBack)
  try {
    await session.start()
    return session
  } catch (error) {
    await session.release()
    throw error
  }
}

interface Job {
  readonly feeds: Tensors
  readonly fetches: readonly string[]
  readonly resolve: (outputs: Tensors) => void
  readonly reject: (error: unknown) => void
}

class ThreadedSession implements OnnxSession {
  readonly #model: Uint8Array
  readonly #label: string
  readonly #limits: ThreadLimits
  readonly #giveBack: () => void
  /** The thread of each lane; undefined where it has ended. */
  readonly #threads: (RunningThread | undefined)[]
  readonly #idle: number[]
  readonly #line: Job[] = []
  #released: Promise<void> | undefined

  constructor(model: Uint8Array, label: string, threads: number, limits: ThreadLimits, giveBack: () => void) {
    this.#model = model
    this.#label = label
    this.#limits = limits
    this.#giveBack = giveBack
    this.#threads = Array.from({ length: threads }, () => undefined)
    this.#idle = Array.from({ length: threads }, (_, lane) => lane)
  }

  /** Opens the model in every thread. */
  async start(): Promise<void> {
    await Promise.all(this.#threads.map((_, lane) => this.#startThread(lane)))
  }

  run(feeds: Tensors, fetches: readonly string[]): Promise<Tensors> {
    return new Promise((resolve, reject) => {
      if (this.#released !== undefined) return reject(interrupted(this.#label))
      if (this.#idle.length === 0 && this.#line.length >= this.#limits.waiting)
        return reject(busy(this.#label, this.#limits.waiting))
      this.#line.push({ feeds, fetches, resolve, reject })
      this.#next()
    })
  }

  release(): Promise<void> {
    this.#released ??= this.#end()
    return this.#released
  }

  async #end(): Promise<void> {
    const because = interrupted(this.#label)
    for (const job of this.#line.splice(0)) job.reject(because)
    await Promise.all(this.#threads.flatMap((thread) => thread?.end(because) ?? []))
    this.#giveBack()
  }

  #next(): void {
    if (this.#idle.length === 0) return
    const job = this.#line.shift()
    const lane = job === undefined ? undefined : this.#idle.pop()
    if (job === undefined || lane === undefined) return
    void this.#runIn(lane, job)
  }

  async #runIn(lane: number, { feeds, fetches, resolve, reject }: Job): Promise<void> {
    try {
      const current = this.#threads[lane]
      const thread = current?.alive === true ? current : await this.#startThread(lane)
      const { outputBytes } = this.#limits
      const reply = await this.#ask(thread, { kind: 'run', feeds: ownBuffers(feeds), fetches, outputBytes })
      if (reply.kind === 'answered') resolve(readOutputs(reply.outputs, fetches))
      else reject(new Error(`it answered ${reply.kind}`))
    } catch (error) {
      reject(error)
      // Native code cannot be stopped: the next thread starts when it has come back, so that they do not pile up.
      if (this.#threads[lane]?.alive === false) await this.#threads[lane]?.gone
    }
    this.#idle.push(lane)
    this.#next()
  }

  async #startThread(lane: number): Promise<RunningThread> {
    const thread = new RunningThread(this.#label, this.#limits)
    // It is remembered first, so that a release meanwhile ends it too.
    this.#threads[lane] = thread
    try {
      await this.#ask(thread, { kind: 'open', model: ownBytes(this.#model) })
      return thread
    } catch (error) {
      await thread.end(interrupted(this.#label))
      throw error
    }
  }

  async #ask(thread: RunningThread, request: ModelRequest): Promise<ModelReply> {
    const reply = await thread.ask(request)
    if (reply.kind === 'no runtime') throw runtimeMissing(reply.message)
    if (reply.kind === 'too large') throw outputLimit(this.#label, reply.bytes, this.#limits.outputBytes)
    if (reply.kind === 'failed') throw new Error(reply.message)
    return reply
  }
}

/** A message copies whole buffers, so a part of a larger one is cut out first. */
function ownBuffers(feeds: Tensors): Tensors {
  const whole = Object.values(feeds).every(
    ({ data }) => !ArrayBuffer.isView(data) || data.byteLength === data.buffer.byteLength,
  )
  return whole ? feeds : Object.fromEntries(Object.entries(feeds).map(([name, tensor]) => [name, cutOut(tensor)]))
}

function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes)
}

function cutOut(tensor: Tensor): Tensor {
  return tensor.element === 'string' ? tensor : ({ ...tensor, data: tensor.data.slice() } as Tensor)
}
