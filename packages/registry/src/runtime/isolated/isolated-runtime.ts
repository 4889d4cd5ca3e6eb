import { MartletError } from '@martlet/warehouse'
import { readOutputs } from '../read-outputs.ts'
import type { OnnxRuntime, OnnxSession } from '../onnx-runtime.ts'
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
  let process: RunningProcess | undefined
  let emptyBytes = 0
  let runMs = 0
  let slowestMs = 0
  let waiting = 0
  let running: Promise<unknown> = Promise.resolve()
  let released: Promise<void> | undefined

  const ask = async (from: RunningProcess, request: ModelRequest): Promise<ModelReply> => {
    const reply = await from.ask(request)
    if (reply.kind === 'no runtime') throw runtimeMissing(reply.message)
    if (reply.kind === 'too large') throw outputLimit(label, reply.bytes, limits.outputBytes)
    if (reply.kind !== 'failed') return reply
    if (isOutOfMemory(reply.message))
      throw memoryLimit(label, request.kind, limits.memoryBytes, new Error(reply.message))
    throw new Error(reply.message)
  }
  /** Remembers the process before the model is open, so that a release meanwhile ends it too. */
  const start = async (): Promise<RunningProcess> => {
    const started = startProcess(label, limits)
    process = started
    try {
      const reply = await ask(started, { kind: 'open', model })
      if (reply.kind === 'opened') emptyBytes = reply.residentBytes
      return started
    } catch (error) {
      await started.end(interrupted(label))
      throw error
    }
  }
  try {
    await start()
  } catch (error) {
    freeSlot()
    throw error
  }

  return {
    async run(feeds, fetches) {
      if (released !== undefined) throw interrupted(label)
      if (waiting > limits.waiting) throw busy(label, limits.waiting)
      waiting += 1
      const turn = running.then(async () => {
        try {
          if (released !== undefined) throw interrupted(label)
          const from = process?.alive === true ? process : await start()
          return await ask(from, { kind: 'run', feeds, fetches, outputBytes: limits.outputBytes })
        } finally {
          waiting -= 1
        }
      })
      running = turn.catch(() => undefined)
      const reply = await turn
      if (reply.kind !== 'answered')
        throw new MartletError(
          'MODEL_CRASHED',
          `The process of model ${label} sent another answer than to a run. Load the model again.`,
        )
      runMs += reply.runMs
      slowestMs = Math.max(slowestMs, reply.runMs)
      return readOutputs(reply.outputs, fetches)
    },
    usage: () => ({ runMs, slowestMs, peakBytes: Math.max(0, (process?.peakBytes() ?? 0) - emptyBytes) }),
    release() {
      released ??= Promise.resolve(process?.end(interrupted(label))).finally(freeSlot)
      return released
    },
  }
}
