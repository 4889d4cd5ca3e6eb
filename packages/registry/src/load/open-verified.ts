import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { unboundedOperators } from '../artifact/onnx/unbounded.ts'
import { checkBatchIndependence } from '../run/batch-independence.ts'
import { replayGoldenRows } from '../run/golden-rows.ts'
import { modelRunner } from '../run/model-runner.ts'
import { hasPassed, notePassed, trialKey } from '../run/passed-models.ts'
import { openSession } from '../run/open-session.ts'
import { LARGEST_BATCH, runLargest } from '../run/trial.ts'
import { limitsOf, type IsolationLimits } from '../runtime/isolated/isolation-limits.ts'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'
import type { ModelVersion } from '../version/model-version.ts'

export interface IsolationOptions {
  /** Replays the golden rows, which also warms up the session. @default true */
  readonly replay?: boolean
  /**
   * Which models run in a process of their own: those whose cost may depend on feature values, all, or none.
   * With `never` nothing limits a model, not even while it is verified.
   * @default 'when needed'
   */
  readonly isolation?: 'when needed' | 'always' | 'never'
  /**
   * What the model may use, while it is verified and whenever it runs in its own process; the one run at the largest batch may
   * always take 10 seconds. @default see `IsolationLimits`
   */
  readonly limits?: Partial<IsolationLimits>
  /**
   * The largest batch that will be requested; a model that will run on this thread first runs it in a process of its own.
   * @default 1000
   */
  readonly rows?: number
}

/** The one run at the largest batch may take at least this long, milliseconds. */
const LARGEST_BATCH_MS = 10_000

type Verified = Pick<ModelVersion, 'signature' | 'goldenRows'>

/** Opens a version's file after it kept its limits and gave its golden answers in a process that can be ended. */
export async function openVerified(
  name: string,
  bytes: Uint8Array,
  version: Verified,
  runtime: OnnxRuntime,
  options: IsolationOptions,
): Promise<{ readonly session: OnnxSession; readonly isolated: boolean }> {
  const { graph } = readTensorGraph(bytes)
  const separate = options.isolation === 'never' ? undefined : runtime.isolated?.(options.limits)
  const replay = options.replay !== false
  if (separate === undefined) return { session: await open(name, bytes, version, runtime, { replay }), isolated: false }
  if (options.isolation === 'always' || unboundedOperators(graph).length > 0)
    return { session: await open(name, bytes, version, separate, { replay }), isolated: true }

  const rows = options.rows ?? LARGEST_BATCH
  // A server allows a run the time of one request and splits large requests; the largest batch shows what a run costs at most.
  const tried = { ...options.limits, runMs: Math.max(options.limits?.runMs ?? 0, LARGEST_BATCH_MS) }
  const limits = limitsOf(bytes.length, tried)
  const key = trialKey(bytes, version.signature, version.goldenRows, runtime.name)
  if (!hasPassed(key, rows, limits)) {
    const begin = performance.now()
    const trial = await open(name, bytes, version, runtime.isolated?.(tried) ?? separate, { replay, rows })
    const [openMs, usage] = [performance.now() - begin, trial.usage?.()]
    await trial.release()
    if (replay && usage !== undefined) notePassed(key, { rows, openMs, usage, limits })
  }
  // The process above compared golden rows one by one; here they warm up the session.
  return { session: await open(name, bytes, version, runtime, { replay, alone: false }), isolated: false }
}

async function open(
  name: string,
  bytes: Uint8Array,
  { signature, goldenRows }: Verified,
  runtime: OnnxRuntime,
  { replay, alone = replay, rows }: { readonly replay: boolean; readonly alone?: boolean; readonly rows?: number },
): Promise<OnnxSession> {
  const session = await openSession(name, bytes, runtime)
  try {
    const runner = modelRunner(name, signature, session)
    if (replay) await replayGoldenRows(name, signature, runner, goldenRows)
    if (alone) await checkBatchIndependence(name, signature, runner, goldenRows)
    if (rows !== undefined) await runLargest(signature, session, runner, goldenRows, rows)
    return session
  } catch (error) {
    await session.release()
    throw error
  }
}
