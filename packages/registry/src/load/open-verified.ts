import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { unboundedOperators } from '../artifact/onnx/unbounded.ts'
import { sha256 } from '../artifact/sha256.ts'
import { checkBatchIndependence } from '../run/batch-independence.ts'
import { replayGoldenRows } from '../run/golden-rows.ts'
import { modelRunner } from '../run/model-runner.ts'
import { openSession } from '../run/open-session.ts'
import { LARGEST_BATCH, runLargest } from '../run/trial.ts'
import type { IsolationLimits } from '../runtime/isolated/isolation-limits.ts'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'
import { toJson } from '../store/json.ts'
import type { ModelVersion } from '../version/model-version.ts'

export interface IsolationOptions {
  /** Replays the golden rows, which also warms the session up. @default true */
  readonly replay?: boolean
  /**
   * Which models run in a process of their own: those whose cost may depend on feature values, all, or none. With `never` nothing limits a model.
   * @default 'when needed'
   */
  readonly isolation?: 'when needed' | 'always' | 'never'
  /** What the model may use while it is verified and while it runs in its process. @default 30 s to open, 10 s a run, 512 MiB and eight times the file */
  readonly limits?: Partial<IsolationLimits>
  /** The largest batch that will be asked: a model that is to run on this thread is first run at it in a process of its own. @default 1000 */
  readonly rows?: number
}

type Verified = Pick<ModelVersion, 'artifact' | 'signature' | 'goldenRows'>

const MAX_REMEMBERED = 1024
/** What has passed in this process: a file that is the same to the byte, asked the same within the same limits, need not pass again. */
const passed = new Set<string>()

/** Opens a version's file after it has shown, in a process that can be ended, that it keeps to the limits and gives its golden answers. */
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

  const { rows = LARGEST_BATCH, limits = {} } = options
  const asked = sha256(toJson([version.artifact.sha256, version.signature, version.goldenRows, replay, rows, limits, runtime.name]))
  if (!passed.has(asked)) {
    const trial = await open(name, bytes, version, separate, { replay, rows })
    await trial.release()
    remember(asked)
  }
  return { session: await open(name, bytes, version, runtime, { replay }), isolated: false }
}

async function open(
  name: string,
  bytes: Uint8Array,
  { signature, goldenRows }: Verified,
  runtime: OnnxRuntime,
  { replay, rows }: { readonly replay: boolean; readonly rows?: number },
): Promise<OnnxSession> {
  const session = await openSession(name, bytes, runtime)
  try {
    const runner = modelRunner(name, signature, session)
    if (replay) {
      await replayGoldenRows(name, signature, runner, goldenRows)
      await checkBatchIndependence(name, signature, runner, goldenRows)
    }
    if (rows !== undefined) await runLargest(signature, session, runner, goldenRows, rows)
    return session
  } catch (error) {
    await session.release()
    throw error
  }
}

function remember(asked: string): void {
  passed.add(asked)
  const [oldest] = passed
  if (passed.size > MAX_REMEMBERED && oldest !== undefined) passed.delete(oldest)
}
