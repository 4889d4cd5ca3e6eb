import { fitBoostedTrees, type Boosted } from '@martlet/example-logistics/model/boost'
import {
  categoriesOf,
  featureMatrix,
  numbersOf,
  rowsWhere,
  textsOf,
} from '@martlet/example-logistics/model/feature-matrix'
import { goldenRows } from '@martlet/example-logistics/model/golden'
import { auc, logLoss, type Judged } from '@martlet/example-logistics/model/judge'
import { logistic } from '@martlet/example-logistics/model/loss'
import { predictTrees } from '@martlet/example-logistics/model/predict'
import { treeEnsembleOnnx, type GoldenRows, type InputMapping, type TreeEnsemble } from '@martlet/registry'
import type { ColumnBatch } from '@martlet/warehouse'
import { alertsAt, averagePrecision } from './judge-alerts.ts'
import { ruleScores } from './rule.ts'

/** As many payments as people can look at: one in a hundred. */
export const ALERT_RATE = 0.01

/** One figure of the model and of the rule, on payments that are later than what the model learnt from. */
export interface Score {
  readonly metric: string
  readonly model: number
  readonly rule: number
}

export interface TrainedModel {
  readonly model: TreeEnsemble
  readonly onnx: Uint8Array
  readonly golden: GoldenRows
  /** What registration needs to know about features of text. */
  readonly inputs: InputMapping
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly frauds: number
  readonly scores: readonly Score[]
  readonly gains: Boosted['gains']
  /** The score from which on one payment in a hundred of the validation part lies. */
  readonly threshold: number
}

/**
 * Fits trees on the train part, stops by the validation part, and judges by the test part, which is later than both.
 *
 * @throws Error when a part has no rows with a label
 */
export function trainFraud(batch: ColumnBatch, features: readonly string[]): TrainedModel {
  const target = numbersOf(batch, 'fraud')
  const split = textsOf(batch, 'split')
  const rowsOf = (part: string): Int32Array => {
    const found = rowsWhere(batch.rows, (row) => split[row] === part && !Number.isNaN(target[row]))
    if (found.length === 0) throw new Error(`no payment of the part ${part} has a label`)
    return found
  }
  const [train, validation, test] = [rowsOf('train'), rowsOf('validation'), rowsOf('test')]
  const matrix = featureMatrix(batch, features, categoriesOf(batch, features, target, train))
  const { model, gains } = fitBoostedTrees(matrix, target, {
    loss: logistic,
    rows: train,
    validation,
    trees: 150,
    leaves: 12,
    learningRate: 0.08,
    minRows: 15,
    featureShare: 0.5,
  })
  const predicted = predictTrees(model, matrix)
  const judged = (scores: ArrayLike<number>): Judged => ({
    predicted: Float64Array.from(test, (row) => scores[row] ?? Number.NaN),
    actual: Float64Array.from(test, (row) => target[row] ?? Number.NaN),
  })
  const [ours, rule] = [judged(predicted), judged(ruleScores(batch))]
  const figure = (metric: string, of: (judged: Judged) => number): Score => ({
    metric,
    model: of(ours),
    rule: of(rule),
  })
  const lately = Float64Array.from(validation, (row) => predicted[row] ?? 0).toSorted()
  return {
    model,
    onnx: treeEnsembleOnnx({ ...model, output: 'probability' }),
    golden: goldenRows(model, matrix, everyNth(test, 20), 'probability'),
    inputs: Object.fromEntries(Object.keys(model.categories ?? {}).map((name) => [name, { nullAs: '' }])),
    rows: { train: train.length, validation: validation.length, test: test.length },
    frauds: test.reduce((sum, row) => sum + (target[row] ?? 0), 0),
    scores: [
      figure('auc', auc),
      figure('pr_auc', averagePrecision),
      figure('precision_at_1pct', (one) => alertsAt(one, ALERT_RATE).precision),
      figure('recall_at_1pct', (one) => alertsAt(one, ALERT_RATE).recall),
      { metric: 'log_loss', model: logLoss(ours), rule: Number.NaN },
    ],
    gains,
    threshold: lately[Math.floor(lately.length * (1 - ALERT_RATE))] ?? 1,
  }
}

function everyNth(rows: Int32Array, wanted: number): readonly number[] {
  const step = Math.max(1, Math.floor(rows.length / wanted))
  return [...rows].filter((_, at) => at % step === 0).slice(0, wanted)
}
