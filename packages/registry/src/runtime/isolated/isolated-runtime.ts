import { MartletError } from '@martlet/warehouse'
import { readOutputs } from '../read-outputs.ts'
import type { OnnxRuntime, OnnxSession, ProcessUsage, Tensors } from '../onnx-runtime.ts'
import { busy, interrupted, memoryLimit, outputLimit, runtimeMissing } from './isolation-errors.ts'
import { limitsOf, type IsolationLimits } from './isolation-limits.ts'
import type { ModelReply, ModelRequest } from './messages.ts'
import { takeSlot } from './process-slots.ts'
import { isOutOfMemory, startProcess, type RunningProcess } from './running-process.ts'

/**
 * Runs each model with onnxruntime-node in a process of its own, which is ended when it takes too much time or memory and replaced
 * at the next run. Runs of one model take place one after another. At most 32 models have a process at once; opening one more waits
 * for a release, and fails with `ISOLATION_LIMIT` when there is none within `openMs`.
 *
 * Opening and running fail with `MODEL_TIME_LIMIT`, `MODEL_MEMORY_LIMIT` or `MODEL_CRASHED`; runs also with `MODEL_BUSY` when too
 * many wait, and with `MODEL_INTERRUPTED` when the session is released before they finish.
 *
 * @example const session = await isolatedRuntime({ runMs: 200 }).open(bytes, 'next_day version 3')
 */
export function isolatedRuntime(limits: Partial<IsolationLimits> = {}): OnnxRuntime {
  return {
    name: 'onnxruntime-node',
    open: (model, label = 'without a name') => openIsolated(model, label, limitsOf(model.length, limits)),
  }
}

async function openIsolated(model: Uint8Array, label: string, limits: IsolationLimits): Promise<OnnxSession> {
  const freeSlot = await takeSlot(label, limits.openMs)
  const session = new IsolatedSession(model, label, limits, freeSlot)
  try {
    await session.start()
    return session
  } catch (error) {
    freeSlot()
    throw error
  }
}

class IsolatedSession implements OnnxSession {
  readonly #model: Uint8Array
  readonly #label: string
  readonly #limits: IsolationLimits
  readonly #freeSlot: () => void
  #process: RunningProcess | undefined
  /** What the process needs before the model is open. */
  #emptyBytes = 0
  #runMs = 0
  #slowestMs = 0
  #waiting = 0
  /** The last run in line; the next one begins when it has settled. */
  #line: Promise<unknown> = Promise.resolve()
  #released: Promise<void> | undefined

  constructor(model: Uint8Array, label: string, limits: IsolationLimits, freeSlot: () => void) {
    this.#model = model
    this.#label = label
    this.#limits = limits
    this.#freeSlot = freeSlot
  }

  /** Starts a process and opens the model in it. The process is remembered first, so that a release meanwhile ends it too. */
  async start(): Promise<RunningProcess> {
    const started = startProcess(this.#label, this.#limits)
    this.#process = started
    try {
      const reply = await this.#ask(started, { kind: 'open', model: this.#model })
      if (reply.kind === 'opened') this.#emptyBytes = reply.residentBytes
      return started
    } catch (error) {
      await started.end(interrupted(this.#label))
      throw error
    }
  }

  async run(feeds: Tensors, fetches: readonly string[]): Promise<Tensors> {
    if (this.#released !== undefined) throw interrupted(this.#label)
    if (this.#waiting > this.#limits.waiting) throw busy(this.#label, this.#limits.waiting)
    this.#waiting += 1
    const turn = this.#line.then(() => this.#runNow(feeds, fetches))
    this.#line = turn.catch(() => undefined)
    const reply = await turn
    if (reply.kind !== 'answered')
      throw new MartletError(
        'MODEL_CRASHED',
        `The process of model ${this.#label} sent another answer than to a run. Load the model again.`,
      )
    this.#runMs += reply.runMs
    this.#slowestMs = Math.max(this.#slowestMs, reply.runMs)
    return readOutputs(reply.outputs, fetches)
  }

  usage(): ProcessUsage {
    const peakBytes = Math.max(0, (this.#process?.peakBytes() ?? 0) - this.#emptyBytes)
    return { runMs: this.#runMs, slowestMs: this.#slowestMs, peakBytes }
  }

  release(): Promise<void> {
    this.#released ??= Promise.resolve(this.#process?.end(interrupted(this.#label))).finally(this.#freeSlot)
    return this.#released
  }

  async #runNow(feeds: Tensors, fetches: readonly string[]): Promise<ModelReply> {
    try {
      if (this.#released !== undefined) throw interrupted(this.#label)
      const running = this.#process?.alive === true ? this.#process : await this.start()
      return await this.#ask(running, { kind: 'run', feeds, fetches, outputBytes: this.#limits.outputBytes })
    } finally {
      this.#waiting -= 1
    }
  }

  async #ask(running: RunningProcess, request: ModelRequest): Promise<ModelReply> {
    const { memoryBytes, outputBytes } = this.#limits
    const reply = await running.ask(request)
    if (reply.kind === 'no runtime') throw runtimeMissing(reply.message)
    if (reply.kind === 'too large') throw outputLimit(this.#label, reply.bytes, outputBytes)
    if (reply.kind !== 'failed') return reply
    const cause = new Error(reply.message)
    throw isOutOfMemory(reply.message) ? memoryLimit(this.#label, request.kind, memoryBytes, cause) : cause
  }
}
