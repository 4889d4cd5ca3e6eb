import { mean, standardDeviation } from 'simple-statistics'
import { Matrix, solve } from 'ml-matrix'
import type { FeatureMatrix } from './matrix.ts'

/** A fitted linear model on standardised features. */
export interface RidgeModel {
  readonly features: readonly string[]
  readonly weights: readonly number[]
  readonly bias: number
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  /** Stands in for a missing value. */
  readonly impute: readonly number[]
}

export interface RidgeOptions {
  /** Penalty on squared weights, as a share of the rows' total weight. @default 1e-4 */
  readonly penalty?: number
}

/**
 * Weighted ridge regression: minimises Σ wᵢ (yᵢ − b − xᵢ·β)² + λ|β|² over standardised features by the normal equations.
 * Rows whose target is NaN are left out.
 */
export function fitRidge(matrix: FeatureMatrix, target: Float64Array, weights: Float64Array, { penalty = 1e-4 }: RidgeOptions = {}): RidgeModel {
  const { features, values } = matrix
  const rows = Array.from({ length: matrix.rows }, (_, row) => row).filter((row) => Number.isFinite(target[row]) && (weights[row] ?? 0) > 0)
  if (rows.length <= features.length) throw new Error(`${rows.length} usable rows are too few to fit ${features.length} weights`)
  const columns = features.map((_, f) => rows.map((row) => values[row * features.length + f] ?? Number.NaN).filter(Number.isFinite))
  const means = columns.map((column) => (column.length === 0 ? 0 : mean(column)))
  const scales = columns.map((column) => (column.length === 0 ? 1 : standardDeviation(column) || 1))
  const width = features.length + 1
  const gram = Matrix.zeros(width, width)
  const moment = Matrix.zeros(width, 1)
  const x = new Float64Array(width)
  let total = 0
  for (const row of rows) {
    const w = weights[row] ?? 0
    total += w
    x[0] = 1
    for (let f = 0; f < features.length; f++) {
      const value = values[row * features.length + f] ?? Number.NaN
      x[f + 1] = Number.isFinite(value) ? (value - (means[f] ?? 0)) / (scales[f] ?? 1) : 0
    }
    for (let i = 0; i < width; i++) {
      const wx = w * (x[i] ?? 0)
      moment.set(i, 0, moment.get(i, 0) + wx * (target[row] ?? 0))
      for (let k = i; k < width; k++) gram.set(i, k, gram.get(i, k) + wx * (x[k] ?? 0))
    }
  }
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < i; k++) gram.set(i, k, gram.get(k, i))
    if (i > 0) gram.set(i, i, gram.get(i, i) + penalty * total)
  }
  const [bias = 0, ...slopes] = solve(gram, moment).getColumn(0)
  return { features, weights: slopes, bias, mean: means, scale: scales, impute: means }
}
