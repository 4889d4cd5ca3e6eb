import type { TrainingSet } from '@martlet/feature-store'
import type { ColumnBatch, Warehouse } from '@martlet/warehouse'
import { fitBoostedTrees, type Boosted, type BoostOptions } from '../src/model/boost.ts'
import { featureMatrix, numbersOf, rowsWhere, type FeatureMatrix } from '../src/model/feature-matrix.ts'
import { groupMeans, type GroupOf } from '../src/model/group-means.ts'
import type { Judged } from '../src/model/judge.ts'
import { predictTrees } from '../src/model/predict.ts'

/** How a model did on rows of later times, beside something simple that knows the same past. */
export interface Verdict {
  readonly data: string
  readonly question: string
  readonly trainRows: number
  readonly testRows: number
  readonly metric: 'AUC' | 'MAE' | 'RMSE'
  readonly model: number
  readonly baseline: number
  /** What the baseline is. */
  readonly against: string
}

export interface Trial {
  /** The folder of the data set. */
  readonly data: string
  /** Reads the files into an empty warehouse, builds a training set, fits and judges. With `quick`, a slice that takes seconds. */
  run(warehouse: Warehouse, quick: boolean): Promise<readonly Verdict[]>
}

/** The rows of a training set, and which of them teach, stop and judge. */
export interface Parts {
  readonly train: Int32Array
  readonly validation: Int32Array
  readonly test: Int32Array
}

export interface Fitted extends Boosted {
  readonly batch: ColumnBatch
  readonly matrix: FeatureMatrix
  readonly parts: Parts
  /** The target of every row, NaN where it is missing. */
  readonly target: Float64Array
  /** The model's answers for every row. */
  readonly predicted: Float64Array
}

/** Fits trees on the rows of a set whose target is known. */
export async function fitSet(
  set: TrainingSet,
  target: string,
  partsOf: (batch: ColumnBatch) => (row: number) => keyof Parts | undefined,
  options: Pick<BoostOptions, 'loss'> & Partial<BoostOptions>,
): Promise<Fitted> {
  const batch = await set.read()
  const matrix = featureMatrix(batch, set.features)
  const values = numbersOf(batch, target)
  const partOf = partsOf(batch)
  const rowsOf = (part: keyof Parts): Int32Array =>
    rowsWhere(batch.rows, (row) => !Number.isNaN(values[row]) && partOf(row) === part)
  const parts = { train: rowsOf('train'), validation: rowsOf('validation'), test: rowsOf('test') }
  const boosted = fitBoostedTrees(matrix, values, { rows: parts.train, validation: parts.validation, ...options })
  return { ...boosted, batch, matrix, parts, target: values, predicted: predictTrees(boosted.model, matrix) }
}

/** The numbers of the test rows. */
export function tested({ parts, target }: Fitted, predicted: ArrayLike<number>): Judged {
  return {
    predicted: Float64Array.from(parts.test, (row) => predicted[row] ?? Number.NaN),
    actual: Float64Array.from(parts.test, (row) => target[row] ?? Number.NaN),
  }
}

/** What the model is compared with: the mean target of the training and validation rows of the same group, as `groupMeans` has it. */
export function meansOf(
  { parts, target }: Fitted,
  groupings: readonly GroupOf[],
  priors: readonly number[] = [],
): Float64Array {
  return groupMeans(target, Int32Array.from([...parts.train, ...parts.validation]), groupings, priors)
}
