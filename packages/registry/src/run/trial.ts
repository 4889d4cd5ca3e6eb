import { MartletError } from '@martlet/warehouse'
import { sourceOf, type FeatureRow } from './feature-rows.ts'
import { modelRunner, type ModelRunner } from './model-runner.ts'
import { readOnnx } from '../artifact/onnx/onnx-graph.ts'
import { unboundedOperators } from '../artifact/onnx/unbounded.ts'
import type { OnnxRuntime, OnnxSession } from '../runtime/onnx-runtime.ts'
import { limitsOf, type IsolationLimits } from '../runtime/isolated/isolation-limits.ts'
import { checkBatchIndependence } from './batch-independence.ts'
import { measureRuns } from './measure-runs.ts'
import { notePassed, trialKey } from './passed-models.ts'
import { openSession } from './open-session.ts'
import { replayGoldenRows, type GoldenRows, type Replay } from './golden-rows.ts'
import type { ModelSignature } from '../signature/signature.ts'

/** How long the model took on this machine under its present load: right to an order of magnitude. */
export interface BatchCost {
  readonly batch: number
  readonly runs: number
  readonly medianMs: number
  readonly fastestMs: number
}

/** What the trial of a model showed. */
export interface Trial {
  readonly runtime: string
  /** Time to prepare the session, its process included, milliseconds. */
  readonly openMs: number
  readonly replay: Replay
  readonly cost: readonly BatchCost[]
  /** What the model answers when every nullable feature is missing; null when none is nullable. */
  readonly missing: 'finite' | 'not finite' | 'fails' | null
  /** The one run at the largest batch; absent in trials before 2026-11-28. */
  readonly largest?: { readonly batch: number; readonly ms: number }
  /** The most memory its process used beyond what it needs without a model, bytes; absent without a process of its own. */
  readonly peakBytes?: number
  /** Why the model is served from its own process, see `unboundedOperators`; empty: it is not. Absent in trials before 2026-11-28. */
  readonly unbounded?: readonly string[]
}

/** How a model is tried. */
export interface TrialOptions {
  /** The largest batch that will be requested. @default 1000 */
  readonly rows?: number
  /** What the model may use. @default see `IsolationLimits` */
  readonly limits?: Partial<IsolationLimits>
}

const BATCHES = [1, 8, 64]
const RUNS = 30
const BUDGET_MS = 200
/** Failures for which a model is refused, whichever rows caused them. */
const LIMITS_PASSED: readonly string[] = ['MODEL_TIME_LIMIT', 'MODEL_MEMORY_LIMIT', 'MODEL_CRASHED']
export const LARGEST_BATCH = 1000

/**
 * Opens a model in a process of its own, replays its golden rows, together and alone, and measures it. Throws when it cannot run or
 * exceeds a limit; the process is always ended. A runtime without `isolated` is trusted and runs the model directly.
 */
export async function runTrial(
  model: string,
  bytes: Uint8Array,
  signature: ModelSignature,
  golden: GoldenRows,
  runtime: OnnxRuntime,
  { rows = LARGEST_BATCH, limits = {} }: TrialOptions = {},
): Promise<Trial> {
  const begin = performance.now()
  const session = await openSession(model, bytes, runtime.isolated?.(limits) ?? runtime)
  const openMs = performance.now() - begin
  try {
    const runner = modelRunner(model, signature, session)
    const replay = await replayGoldenRows(model, signature, runner, golden)
    await checkBatchIndependence(model, signature, runner, golden)
    const cost: BatchCost[] = []
    for (const batch of BATCHES) cost.push(await measure(signature, session, runner, golden.inputs, batch))
    const ms = await runOnce(signature, session, runner, rowsOf(golden.inputs, rows, 0))
    const missing = await answerMissing(signature, runner, golden.inputs)
    const runs = await measureRuns(signature, session, runner, golden)
    const used = session.usage?.()
    if (used !== undefined)
      notePassed(trialKey(bytes, signature, golden, runtime.name), {
        rows,
        openMs,
        usage: used,
        limits: limitsOf(bytes.length, limits),
        runs,
      })
    return {
      runtime: runtime.name,
      openMs,
      replay,
      cost,
      missing,
      largest: { batch: rows, ms },
      ...(used === undefined ? {} : { peakBytes: used.peakBytes }),
      unbounded: unboundedOperators(readOnnx(bytes)),
    }
  } finally {
    await session.release()
  }
}

/** Runs a model once on this many rows, which repeat its golden rows. */
export async function runLargest(
  signature: ModelSignature,
  session: OnnxSession,
  runner: ModelRunner,
  golden: GoldenRows,
  rows: number,
): Promise<void> {
  await runOnce(signature, session, runner, rowsOf(golden.inputs, rows, 0))
}

/** Measures runs of one batch size. Rows rotate between runs: fed the same row again, a tree model seems twice as fast as it is. */
async function measure(
  signature: ModelSignature,
  session: OnnxSession,
  runner: ModelRunner,
  rows: readonly FeatureRow[],
  batch: number,
): Promise<BatchCost> {
  const times: number[] = []
  const end = performance.now() + BUDGET_MS
  for (let run = 0; run <= RUNS && (run < 2 || performance.now() < end); run += 1) {
    const ms = await runOnce(signature, session, runner, rowsOf(rows, batch, run * batch))
    // The first run warms up.
    if (run > 0) times.push(ms)
  }
  times.sort((a, b) => a - b)
  return { batch, runs: times.length, medianMs: times[Math.floor(times.length / 2)] ?? 0, fastestMs: times[0] ?? 0 }
}

/** How long a run took; in the runtime alone where the process reports it, without the messages between processes. */
async function runOnce(
  signature: ModelSignature,
  session: OnnxSession,
  runner: ModelRunner,
  rows: readonly FeatureRow[],
): Promise<number> {
  const source = sourceOf(signature, rows)
  const [before, begin] = [session.usage?.().runMs, performance.now()]
  await runner.predictVectors(source)
  const after = session.usage?.().runMs
  return before === undefined || after === undefined ? performance.now() - begin : after - before
}

function rowsOf(rows: readonly FeatureRow[], count: number, from: number): readonly FeatureRow[] {
  return Array.from({ length: count }, (_, index) => rows[(from + index) % rows.length]).filter(
    (row) => row !== undefined,
  )
}

async function answerMissing(
  signature: ModelSignature,
  runner: ModelRunner,
  rows: readonly FeatureRow[],
): Promise<Trial['missing']> {
  const [row] = rows
  if (row === undefined || !signature.fields.some(({ nullable }) => nullable)) return null
  const values = signature.fields.map(({ nullable, field }, index) =>
    nullable
      ? null
      : ((Array.isArray(row) ? row[index] : Object.entries(row).find(([name]) => name === field)?.[1]) ?? null),
  )
  try {
    const outputs = await runner.predict([values])
    const finite = Object.values(outputs).every(({ data }) =>
      [...data].every((value) => typeof value !== 'number' || Number.isFinite(value)),
    )
    return finite ? 'finite' : 'not finite'
  } catch (error) {
    if (error instanceof MartletError && LIMITS_PASSED.includes(error.code)) throw error
    return 'fails'
  }
}
