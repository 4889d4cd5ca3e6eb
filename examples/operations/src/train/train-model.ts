import { isDecimalVector, type ColumnBatch } from '@martlet/warehouse'
import { logisticRegressionOnnx, type GoldenRows } from '@martlet/registry'
import { auc, fitLogistic, predict, type LogisticFit } from './logistic.ts'

export interface TrainedModel {
  readonly fit: LogisticFit
  readonly onnx: Uint8Array
  readonly golden: GoldenRows
  readonly metrics: Readonly<Record<string, number>>
}

/** Weights are float32 in the file. */
const TOLERANCE = { absolute: 1e-5, relative: 1e-5 }
const GOLDEN_ROWS = 20

/**
 * Learns from the part `train` of a training set and judges by the part `test`, which is later.
 *
 * @param baseline the feature that alone is the other judge
 */
export function trainModel(
  batch: ColumnBatch,
  features: readonly string[],
  label: string,
  baseline: string,
): TrainedModel {
  const columns = features.map((name) => numbersOf(batch, name))
  const outcome = numbersOf(batch, label)
  const parts = textsOf(batch, 'split')
  const rowsIn = (part: string): Int32Array =>
    Int32Array.from(parts.flatMap((name, row) => (name === part && !Number.isNaN(outcome[row]) ? [row] : [])))
  const [train, test] = [rowsIn('train'), rowsIn('test')]
  const fit = fitLogistic({ features, columns, outcome }, train)
  const rowOf = (row: number): readonly number[] => columns.map((column) => column[row] ?? Number.NaN)
  const happened = [...test].map((row) => outcome[row] === 1)
  const alone = columns[features.indexOf(baseline)] ?? new Float64Array(0)
  const predicted = [...test].map((row) => predict(fit, rowOf(row)))
  const golden = [...test]
    .filter((_, at) => at % Math.max(1, Math.floor(test.length / GOLDEN_ROWS)) === 0)
    .slice(0, GOLDEN_ROWS)
  const inputs = golden.map((row) => rowOf(row).map((value) => (Number.isNaN(value) ? null : Math.fround(value))))
  return {
    fit,
    onnx: logisticRegressionOnnx(fit),
    golden: {
      inputs,
      outputs: {
        probability: inputs.map((row) =>
          predict(
            fit,
            row.map((value) => value ?? Number.NaN),
          ),
        ),
      },
      tolerance: TOLERANCE,
    },
    metrics: {
      auc: auc(predicted, happened),
      baseline_auc: auc(
        [...test].map((row) => alone[row] ?? 0).map((value) => (Number.isNaN(value) ? 0 : value)),
        happened,
      ),
      rows_train: train.length,
      rows_test: test.length,
      failed_test: happened.filter(Boolean).length,
    },
  }
}

function columnAt(batch: ColumnBatch, name: string): ColumnBatch['columns'][number] {
  const column = batch.columns[batch.names.indexOf(name)]
  if (column === undefined) throw new Error(`the training set has no column ${name}`)
  return column
}

function numbersOf(batch: ColumnBatch, name: string): Float64Array {
  const column = columnAt(batch, name)
  if (isDecimalVector(column) || column.type === 'text') throw new Error(`${name} is not a number`)
  const { values, nulls } = column
  return Float64Array.from({ length: batch.rows }, (_, row) => (nulls?.[row] === 1 ? Number.NaN : Number(values[row])))
}

function textsOf(batch: ColumnBatch, name: string): readonly string[] {
  const column = columnAt(batch, name)
  if (column.type !== 'text') throw new Error(`${name} is not text`)
  return column.values
}
