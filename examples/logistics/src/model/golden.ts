import type { FeatureRow, GoldenRows, TreeEnsemble } from '@martlet/registry'
import type { FeatureMatrix } from './feature-matrix.ts'
import { predictTrees } from './predict.ts'

/** Leaves are float32 in the file, and so is their sum. */
const TOLERANCE = { absolute: 1e-5, relative: 1e-5 }

/** Rows of the matrix with the model's own answers; the file must repeat them wherever it is loaded. */
export function goldenRows(
  model: TreeEnsemble,
  matrix: FeatureMatrix,
  rows: readonly number[],
  output: string,
): GoldenRows {
  const columns = matrix.columns.map((column) => Float32Array.from(rows, (row) => column[row] ?? Number.NaN))
  const answers = predictTrees(model, { rows: rows.length, features: matrix.features, columns })
  const valueOf = (feature: number, at: number): string | number | null => {
    const value = columns[feature]?.[at] ?? Number.NaN
    if (Number.isNaN(value)) return null
    return model.categories?.[matrix.features[feature] ?? '']?.[value] ?? value
  }
  return {
    inputs: rows.map((_, at): FeatureRow => columns.map((_, feature) => valueOf(feature, at))),
    outputs: { [output]: [...answers] },
    tolerance: TOLERANCE,
  }
}
