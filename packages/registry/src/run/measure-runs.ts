import type { FeatureValue } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'
import type { OnnxSession, Tensors } from '../runtime/onnx-runtime.ts'
import type { ModelSignature } from '../signature/signature.ts'
import type { FeatureRow } from './feature-rows.ts'
import type { GoldenRows } from './golden-rows.ts'
import type { ModelRunner } from './model-runner.ts'

/** How a model runs on this machine. */
export interface Runs {
  /** The fastest run of one row, milliseconds: what the model itself needs, whatever else the machine does. */
  readonly oneRowMs: number
  /**
   * Whether rows get the same answers, bit for bit, alone and together with others, so that requests may share a run. Sums of one row
   * and of many may round differently (matrix products do); decision trees do not.
   */
  readonly exactInBatches: boolean
}

const ROWS = 33
/** Kernels take another path for one row, for a few and for many. */
const BATCHES = [2, 3, 8, 33]
/** Rows that are run alone, as far as they fit into this time, milliseconds. The first few always are. */
const BUDGET_MS = 250
const LEAST_ROWS = 4

/** Runs rows alone and together, measures them, and compares their answers bit for bit. */
export async function measureRuns(
  signature: ModelSignature,
  session: OnnxSession,
  runner: ModelRunner,
  golden: GoldenRows,
): Promise<Runs> {
  const rows = (await accepted(runner, varied(signature, golden.inputs))) ?? repeated(golden.inputs)
  const alone: Tensors[] = []
  let oneRowMs = Number.POSITIVE_INFINITY
  const end = performance.now() + BUDGET_MS
  for (const row of rows) {
    if (alone.length >= LEAST_ROWS && performance.now() > end) break
    const [before, begin] = [session.usage?.().runMs, performance.now()]
    alone.push(await runner.predict([row]))
    const after = session.usage?.().runMs
    oneRowMs = Math.min(
      oneRowMs,
      before === undefined || after === undefined ? performance.now() - begin : after - before,
    )
  }
  const exactInBatches = signature.batch !== 1 && (await sameTogether(runner, rows, alone))
  return { oneRowMs, exactInBatches }
}

async function sameTogether(
  runner: ModelRunner,
  rows: readonly FeatureRow[],
  alone: readonly Tensors[],
): Promise<boolean> {
  for (const size of BATCHES) {
    if (size > alone.length) break
    const together = await runner.predict(rows.slice(0, size))
    for (let row = 0; row < size; row += 1) if (!isSame(alone[row] ?? {}, together, row, size)) return false
  }
  return true
}

function isSame(alone: Tensors, together: Tensors, row: number, rows: number): boolean {
  return Object.entries(together).every(([name, { data }]) => {
    const single = alone[name]?.data
    const width = data.length / rows
    if (single === undefined || single.length !== width) return false
    for (let column = 0; column < width; column += 1)
      if (!Object.is(single[column], data[row * width + column])) return false
    return true
  })
}

/** The rows, unless the model does not accept them, which says nothing about batches. */
async function accepted(runner: ModelRunner, rows: readonly FeatureRow[]): Promise<readonly FeatureRow[] | undefined> {
  try {
    await runner.predict(rows)
    return rows
  } catch (error) {
    if (error instanceof MartletError && ['MODEL_RUN_FAILED', 'FEATURE_VALUE_INVALID'].includes(error.code))
      return undefined
    throw error
  }
}

function repeated(inputs: readonly FeatureRow[]): readonly FeatureRow[] {
  return Array.from({ length: ROWS }, (_, index) => inputs[index % inputs.length]).filter((row) => row !== undefined)
}

/** Golden rows with other numbers, so that sums of them are not exact by chance. */
function varied({ fields }: ModelSignature, inputs: readonly FeatureRow[]): readonly FeatureRow[] {
  return repeated(inputs).map((row, index) => {
    const named = new Map(Object.entries(row))
    return fields.map(({ field, type }, place): FeatureValue => {
      const value = (Array.isArray(row) ? row[place] : named.get(field)) ?? null
      if (typeof value !== 'number' || type !== 'double') return value
      const share = Math.abs(Math.sin((index + 1) * 12.9898 + place * 78.233) * 43_758.5453) % 1
      return value * (0.5 + share) + share
    })
  })
}
