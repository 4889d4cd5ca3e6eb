import { readTensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { unboundedOperators } from '../artifact/onnx/unbounded.ts'
import { checkBatchIndependence } from '../run/batch-independence.ts'
import { replayGoldenRows } from '../run/golden-rows.ts'
import { measureRuns, type Runs } from '../run/measure-runs.ts'
import { modelRunner } from '../run/model-runner.ts'
import { hasPassed, notePassed, trialKey } from '../run/passed-models.ts'
import { openSession } from '../run/open-session.ts'
import { LARGEST_BATCH, runLargest } from '../run/trial.ts'
import { limitsOf, type IsolationLimits } from '../runtime/isolated/isolation-limits.ts'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'
import { threadsFree } from '../runtime/threaded/thread-limits.ts'
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
  /**
   * Threads for each model whose run of one row takes `threadFromMs` or longer, each with a session of its own; a faster model runs on
   * the calling thread, where it answers sooner. Not for models in processes.
   * @default 0
   */
  readonly threads?: number
  /** Milliseconds that one row takes, from which on a model runs in threads. @default 0.3 */
  readonly threadFromMs?: number
}

/** The one run at the largest batch may take at least this long, milliseconds. */
const LARGEST_BATCH_MS = 10_000
/** A message to a thread and back costs an eighth of this on an idle machine; a run that long holds up other requests. */
const THREAD_FROM_MS = 0.3

type Verified = Pick<ModelVersion, 'signature' | 'goldenRows' | 'trial'>

/** A session with where it runs. */
export interface Opened {
  readonly session: OnnxSession
  /** Whether it runs in a process of its own. */
  readonly isolated: boolean
  /** How many threads of its own it runs in; 0: none. */
  readonly threads: number
  /** See `Runs`. */
  readonly exactInBatches: boolean
}

/** Opens a version's file after it kept its limits and gave its golden answers in a process that can be ended. */
export async function openVerified(
  name: string,
  bytes: Uint8Array,
  version: Verified,
  runtime: OnnxRuntime,
  options: IsolationOptions,
): Promise<Opened> {
  const { graph } = readTensorGraph(bytes)
  const separate = options.isolation === 'never' ? undefined : runtime.isolated?.(options.limits)
  const replay = options.replay !== false
  if (separate !== undefined && (options.isolation === 'always' || unboundedOperators(graph).length > 0)) {
    const { session } = await open(name, bytes, version, separate, { replay })
    return { session, isolated: true, threads: 0, exactInBatches: false }
  }
  const tried = separate === undefined ? undefined : await tryIn(separate, name, bytes, version, runtime, options)
  const oneRowMs = tried?.oneRowMs ?? version.trial.cost.find(({ batch }) => batch === 1)?.fastestMs ?? 0
  const threads = threadsFor(oneRowMs, runtime, options)
  const place = threads === 0 ? runtime : (runtime.threaded?.(threads, options.limits) ?? runtime)
  // Where a process compared golden rows one by one, they only warm up the session here.
  const checks = separate === undefined ? { replay, measure: replay } : { replay, alone: false }
  const { session, runs } = await open(name, bytes, version, place, checks)
  return { session, isolated: false, threads, exactInBatches: (tried ?? runs)?.exactInBatches ?? false }
}

/** Tries a model in a process of its own, unless it has passed there before. Undefined without a replay. */
async function tryIn(
  separate: OnnxRuntime,
  name: string,
  bytes: Uint8Array,
  version: Verified,
  runtime: OnnxRuntime,
  options: IsolationOptions,
): Promise<Runs | undefined> {
  const replay = options.replay !== false
  const rows = options.rows ?? LARGEST_BATCH
  // A server allows a run the time of one request and splits large requests; the largest batch shows what a run costs at most.
  const tried = { ...options.limits, runMs: Math.max(options.limits?.runMs ?? 0, LARGEST_BATCH_MS) }
  const limits = limitsOf(bytes.length, tried)
  const key = trialKey(bytes, version.signature, version.goldenRows, runtime.name)
  const before = hasPassed(key, rows, limits)
  if (before !== undefined) return before
  const begin = performance.now()
  const trial = await open(name, bytes, version, runtime.isolated?.(tried) ?? separate, {
    replay,
    rows,
    measure: replay,
  })
  const [openMs, usage] = [performance.now() - begin, trial.session.usage?.()]
  await trial.session.release()
  if (usage !== undefined && trial.runs !== undefined)
    notePassed(key, { rows, openMs, usage, limits, runs: trial.runs })
  return trial.runs
}

/** In how many threads a model runs. When all threads are taken, it runs on the calling one. */
function threadsFor(
  oneRowMs: number,
  runtime: OnnxRuntime,
  { threads = 0, threadFromMs = THREAD_FROM_MS }: IsolationOptions,
): number {
  const wanted = runtime.threaded !== undefined && oneRowMs >= threadFromMs ? threads : 0
  return wanted <= threadsFree() ? wanted : 0
}

interface Checks {
  readonly replay: boolean
  readonly alone?: boolean
  readonly rows?: number
  /** Whether to see how it runs, which needs rows that it accepts. */
  readonly measure?: boolean
}

async function open(
  name: string,
  bytes: Uint8Array,
  { signature, goldenRows }: Verified,
  runtime: OnnxRuntime,
  { replay, alone = replay, rows, measure = false }: Checks,
): Promise<{ readonly session: OnnxSession; readonly runs: Runs | undefined }> {
  const session = await openSession(name, bytes, runtime)
  try {
    const runner = modelRunner(name, signature, session)
    if (replay) await replayGoldenRows(name, signature, runner, goldenRows)
    if (alone) await checkBatchIndependence(name, signature, runner, goldenRows)
    if (rows !== undefined) await runLargest(signature, session, runner, goldenRows, rows)
    return { session, runs: measure ? await measureRuns(signature, session, runner, goldenRows) : undefined }
  } catch (error) {
    await session.release()
    throw error
  }
}
