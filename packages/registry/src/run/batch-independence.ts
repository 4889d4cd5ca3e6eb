import { MartletError } from '@martlet/warehouse'
import type { FeatureValue } from '@martlet/feature-store'
import type { ModelSignature } from '../signature/signature.ts'
import type { Tensors } from '../runtime/onnx-runtime.ts'
import { toJson } from '../store/json.ts'
import type { FeatureRow } from './feature-rows.ts'
import { allowance, differenceOf, rowOf, type GoldenRows, type Scalar } from './golden-rows.ts'
import type { ModelRunner } from './model-runner.ts'

/**
 * How much the answer to one row may differ between batch sizes, as a share of the largest answer: kernels for one row and for
 * many add in a different order. float32 keeps 24 bits; this allows for the loss of 8 of them, far more than such sums lose and far
 * less than what a dependence on the batch changes.
 */
const ROUNDING = 2 ** -16

/**
 * Predicts every golden row alone and compares the answer with the one among the other rows. If they differ, requests that share a
 * batch would change each other's answers.
 *
 * @throws MartletError MODEL_BATCH_DEPENDENT when they differ by more than the golden tolerance and rounding
 */
export async function checkBatchIndependence(
  model: string,
  signature: ModelSignature,
  runner: ModelRunner,
  golden: GoldenRows,
): Promise<void> {
  // Every run has one row.
  if (signature.batch === 1) return
  const batch = await batchOf(signature, runner, golden.inputs)
  const together = await runner.predict(batch.rows)
  for (const at of batch.compared) {
    const row = batch.rows[at]
    if (row === undefined) continue
    const alone = await runner.predict([row])
    const answers = { alone, together, at, shown: at - batch.offset, rows: batch.rows.length }
    for (const { name } of signature.outputs) compareRow(model, name, answers, golden)
  }
}

/** Golden rows in one batch. */
interface Batch {
  readonly rows: readonly FeatureRow[]
  readonly compared: readonly number[]
  /** How many rows precede the first golden one. */
  readonly offset: number
}

/** All golden rows; if they are all equal, one of them between two others: changed rows if the model accepts them, else copies. */
async function batchOf(signature: ModelSignature, runner: ModelRunner, inputs: readonly FeatureRow[]): Promise<Batch> {
  const [only] = inputs
  if (only === undefined || new Set(inputs.map(toJson)).size > 1)
    return { rows: inputs, compared: inputs.map((_, at) => at), offset: 0 }
  const other = shifted(signature, only)
  const accepted = await runner.predict([other]).then(
    () => true,
    (error: unknown) => {
      // That the model does not accept a value says nothing about batches.
      if (error instanceof MartletError && ['MODEL_RUN_FAILED', 'FEATURE_VALUE_INVALID'].includes(error.code))
        return false
      throw error
    },
  )
  return { rows: accepted ? [other, only, other] : [only, only, only], compared: [1], offset: 1 }
}

/** The same row with other numbers. */
function shifted(signature: ModelSignature, row: FeatureRow): FeatureRow {
  const values = new Map(Object.entries(row))
  return signature.fields.map(({ field }, index) =>
    shift((Array.isArray(row) ? row[index] : values.get(field)) ?? null),
  )
}

function shift(value: FeatureValue): FeatureValue {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'bigint') return value + 1n
  return typeof value === 'boolean' ? !value : value
}

interface RowAnswers {
  readonly alone: Tensors
  readonly together: Tensors
  readonly at: number
  readonly shown: number
  readonly rows: number
}

function compareRow(
  model: string,
  output: string,
  { alone, together, at, shown, rows }: RowAnswers,
  golden: GoldenRows,
): void {
  const [single, many] = [alone[output], together[output]]
  if (single === undefined || many === undefined) return
  const largest = largestOf(many.data)
  const inBatch = rowOf(many, at)
  rowOf(single, 0).forEach((value, column) => {
    const other = inBatch[column]
    const difference = differenceOf(other, value)
    const rounding = typeof value === 'number' ? ROUNDING * largest : 0
    if (difference === 0 || difference <= Math.max(allowance(value, golden.tolerance), rounding)) return
    const where = inBatch.length > 1 ? ` column ${column}` : ''
    throw new MartletError(
      'MODEL_BATCH_DEPENDENT',
      `Model ${model} answers golden row ${shown} with ${shownValue(value)} in output ${JSON.stringify(output)}${where} when the row ` +
        `is alone and with ${shownValue(other)} together with ${rows - 1} other rows; an answer may depend on its own row only. ` +
        'Normalise over features and not over rows (axis 1 and not 0), and export the model for inference and not for training.',
      { data: { model, output, row: shown, alone: value, together: other } },
    )
  })
}

function shownValue(value: Scalar | undefined): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function largestOf(data: ArrayLike<Scalar>): number {
  let largest = 0
  for (let at = 0; at < data.length; at += 1) {
    const value = data[at]
    if (typeof value === 'number' && Number.isFinite(value)) largest = Math.max(largest, Math.abs(value))
  }
  return largest
}
