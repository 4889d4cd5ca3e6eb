import { treeEnsembleOnnx, type GoldenRows, type InputMapping, type TreeEnsemble } from '@martlet/registry'
import type { ColumnBatch } from '@martlet/warehouse'
import { fitBoostedTrees, type Boosted } from '../model/boost.ts'
import { categoriesOf, featureMatrix, numbersOf, rowsWhere, textsOf } from '../model/feature-matrix.ts'
import { goldenRows } from '../model/golden.ts'
import { groupMeans } from '../model/group-means.ts'
import { auc, calibration, logLoss, mae, rmse, type Decile, type Judged } from '../model/judge.ts'
import { logistic, squared } from '../model/loss.ts'
import { predictTrees } from '../model/predict.ts'
import type { ModelSpec } from './specs.ts'

/** One figure of a model and of its baseline, on the test rows. */
export interface Score {
  readonly metric: string
  readonly model: number
  readonly baseline: number
}

export interface TrainedModel {
  readonly model: TreeEnsemble
  readonly onnx: Uint8Array
  readonly golden: GoldenRows
  /** What registration needs to know about features of text. */
  readonly inputs: InputMapping
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly scores: readonly Score[]
  readonly calibration: readonly Decile[]
  readonly gains: Boosted['gains']
}

/**
 * Fits trees on the rows of the train part, stops by the validation part, and judges by the test part, which is later than both.
 *
 * @throws Error when the rows lack a column, or a part has no rows with a label
 */
export function trainModel(batch: ColumnBatch, features: readonly string[], spec: ModelSpec): TrainedModel {
  const target = numbersOf(batch, spec.label)
  const split = textsOf(batch, 'split')
  const rowsOf = (part: string): Int32Array => {
    const found = rowsWhere(batch.rows, (row) => split[row] === part && !Number.isNaN(target[row]))
    if (found.length === 0) throw new Error(`no row of the part ${part} has the label ${spec.label}`)
    return found
  }
  const [train, validation, test] = [rowsOf('train'), rowsOf('validation'), rowsOf('test')]
  const matrix = featureMatrix(batch, features, categoriesOf(batch, features, target, train))
  const binary = spec.kind === 'binary'
  const { model, gains } = fitBoostedTrees(matrix, target, {
    loss: binary ? logistic : squared,
    rows: train,
    validation,
    trees: 400,
    minRows: 30,
    featureShare: 0.5,
  })
  const learnt = Int32Array.from([...train, ...validation])
  const means = groupMeans(
    target,
    learnt,
    spec.baseline.groups.map((parts) => groupOf(batch, parts)),
  )
  const judged = (predicted: Float64Array): Judged => ({
    predicted: Float64Array.from(test, (row) => predicted[row] ?? Number.NaN),
    actual: Float64Array.from(test, (row) => target[row] ?? Number.NaN),
  })
  const [ours, theirs] = [judged(predictTrees(model, matrix)), judged(means)]
  const figures = binary ? ({ auc, log_loss: logLoss } as const) : ({ mae, rmse } as const)
  return {
    model,
    onnx: treeEnsembleOnnx({ ...model, output: spec.output }),
    golden: goldenRows(model, matrix, everyNth(test, 20), spec.output),
    inputs: Object.fromEntries(Object.keys(model.categories ?? {}).map((name) => [name, { nullAs: '' }])),
    rows: { train: train.length, validation: validation.length, test: test.length },
    scores: Object.entries(figures).map(([metric, figure]) => ({
      metric,
      model: figure(ours),
      baseline: figure(theirs),
    })),
    calibration: calibration(ours),
    gains,
  }
}

function groupOf(
  batch: ColumnBatch,
  parts: ModelSpec['baseline']['groups'][number],
): (row: number) => string | undefined {
  const keys = parts.map(({ column, width }): ((row: number) => string | undefined) => {
    if (width === undefined) {
      const texts = textsOf(batch, column)
      return (row) => texts[row]
    }
    const numbers = numbersOf(batch, column)
    return (row) => (Number.isNaN(numbers[row]) ? undefined : String(Math.floor((numbers[row] ?? 0) / width)))
  })
  return (row) => {
    const values = keys.map((key) => key(row))
    return values.includes(undefined) ? undefined : values.join('\n')
  }
}

function everyNth(rows: Int32Array, wanted: number): readonly number[] {
  const step = Math.max(1, Math.floor(rows.length / wanted))
  return [...rows].filter((_, at) => at % step === 0).slice(0, wanted)
}
