import { sourceOf, type FeatureRow } from './feature-rows.ts'
import { modelRunner, type ModelRunner } from './model-runner.ts'
import type { OnnxRuntime } from '../runtime/onnx-runtime.ts'
import { openSession } from './open-session.ts'
import { replayGoldenRows, type GoldenRows, type Replay } from './golden-rows.ts'
import type { ModelSignature } from '../signature/signature.ts'

/** How long the model took here. Figures of one machine under whatever load it had: good for orders of magnitude. */
export interface BatchCost {
  readonly batch: number
  readonly runs: number
  readonly medianMs: number
  readonly fastestMs: number
}

/** What running a model once showed. */
export interface Trial {
  readonly runtime: string
  /** Time to prepare the session, milliseconds. */
  readonly openMs: number
  readonly replay: Replay
  readonly cost: readonly BatchCost[]
  /** What it answers when every nullable feature is missing; null when none is nullable. */
  readonly missing: 'finite' | 'not finite' | 'fails' | null
}

const BATCHES = [1, 8, 64]
const RUNS = 30
const BUDGET_MS = 200

/** Opens a model, replays its golden rows and measures it. Rejects with the reason when it cannot run; the session is always released. */
export async function runTrial(
  model: string,
  bytes: Uint8Array,
  signature: ModelSignature,
  golden: GoldenRows,
  runtime: OnnxRuntime,
): Promise<Trial> {
  const begin = performance.now()
  const session = await openSession(model, bytes, runtime)
  const openMs = performance.now() - begin
  try {
    const runner = modelRunner(model, signature, session)
    const replay = await replayGoldenRows(model, signature, runner, golden)
    const cost: BatchCost[] = []
    for (const batch of BATCHES) cost.push(await measure(signature, runner, golden.inputs, batch))
    return { runtime: runtime.name, openMs, replay, cost, missing: await answerMissing(signature, runner, golden.inputs) }
  } finally {
    await session.release()
  }
}

/** Rows rotate between runs: a tree model fed the same row again and again measures twice as fast as it is. */
async function measure(signature: ModelSignature, runner: ModelRunner, rows: readonly FeatureRow[], batch: number): Promise<BatchCost> {
  const times: number[] = []
  const end = performance.now() + BUDGET_MS
  for (let run = 0; run <= RUNS && (run < 2 || performance.now() < end); run += 1) {
    const fed = Array.from({ length: batch }, (_, index) => rows[(run * batch + index) % rows.length]).filter((row) => row !== undefined)
    const source = sourceOf(signature, fed)
    const begin = performance.now()
    await runner.predictVectors(source)
    // the first run warms up
    if (run > 0) times.push(performance.now() - begin)
  }
  times.sort((a, b) => a - b)
  return { batch, runs: times.length, medianMs: times[Math.floor(times.length / 2)] ?? 0, fastestMs: times[0] ?? 0 }
}

async function answerMissing(signature: ModelSignature, runner: ModelRunner, rows: readonly FeatureRow[]): Promise<Trial['missing']> {
  const [row] = rows
  if (row === undefined || !signature.fields.some(({ nullable }) => nullable)) return null
  const values = signature.fields.map(({ nullable, field }, index) =>
    nullable ? null : ((Array.isArray(row) ? row[index] : Object.entries(row).find(([name]) => name === field)?.[1]) ?? null),
  )
  try {
    const outputs = await runner.predict([values])
    const finite = Object.values(outputs).every(({ data }) =>
      [...data].every((value) => typeof value !== 'number' || Number.isFinite(value)),
    )
    return finite ? 'finite' : 'not finite'
  } catch {
    return 'fails'
  }
}
