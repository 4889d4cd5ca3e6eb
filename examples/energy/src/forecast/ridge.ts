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
  /** Replaces a missing value. */
  readonly impute: readonly number[]
}

export interface RidgeOptions {
  /** Penalty on squared weights, as a share of the rows' total weight. */
  readonly penalty: number
  /** The feature that a fully penalised model repeats: the change against it is fitted. */
  readonly around: string
}

/**
 * Weighted ridge regression of the change y − a against one feature a: minimises Σ wᵢ (yᵢ − aᵢ − b − xᵢ·β)² + λ|β|² over
 * standardised features by the normal equations. Rows whose target or `around` is NaN, or whose weight is 0, are left out.
 *
 * @throws Error when `around` is not a feature, or there are too few rows
 */
export function fitRidge(
  matrix: FeatureMatrix,
  target: Float64Array,
  weights: Float64Array,
  { penalty, around }: RidgeOptions,
): RidgeModel {
  const { features, values } = matrix
  const base = features.indexOf(around)
  if (base < 0) throw new Error(`there is no feature ${around} to fit around`)
  const baseOf = (row: number): number => values[row * features.length + base] ?? Number.NaN
  const rows = Array.from({ length: matrix.rows }, (_, row) => row).filter(
    (row) => Number.isFinite(target[row]) && Number.isFinite(baseOf(row)) && (weights[row] ?? 0) > 0,
  )
  if (rows.length <= features.length)
    throw new Error(`${rows.length} usable rows are too few to fit ${features.length} weights`)
  const columns = features.map((_, f) =>
    rows.map((row) => values[row * features.length + f] ?? Number.NaN).filter(Number.isFinite),
  )
  const means = columns.map((column) => (column.length === 0 ? 0 : mean(column)))
  const scales = columns.map((column) => (column.length === 0 ? 1 : standardDeviation(column) || 1))
  const equations = normalEquations(rows.length, features.length, (i) => {
    const row = rows[i] ?? 0
    const standardised = features.map((_, f) => {
      const value = values[row * features.length + f] ?? Number.NaN
      return Number.isFinite(value) ? (value - (means[f] ?? 0)) / (scales[f] ?? 1) : 0
    })
    return { weight: weights[row] ?? 0, x: [1, ...standardised], y: (target[row] ?? 0) - baseOf(row) }
  })
  const [bias = 0, ...slopes] = solvePenalised(equations, penalty)
  // The feature itself is added back: on its standardised scale its weight is its own standard deviation.
  const all = slopes.map((slope, f) => (f === base ? slope + (scales[f] ?? 1) : slope))
  return { features, weights: all, bias: bias + (means[base] ?? 0), mean: means, scale: scales, impute: means }
}

interface Equation {
  readonly weight: number
  /** 1 for the constant, then the features. */
  readonly x: readonly number[]
  readonly y: number
}

/** Σ w·x·xᵀ (its upper half), Σ w·x·y and Σ w. */
interface NormalEquations {
  readonly gram: Matrix
  readonly moment: Matrix
  readonly total: number
}

function normalEquations(rows: number, features: number, equation: (row: number) => Equation): NormalEquations {
  const width = features + 1
  const gram = Matrix.zeros(width, width)
  const moment = Matrix.zeros(width, 1)
  let total = 0
  for (let row = 0; row < rows; row++) {
    const { weight, x, y } = equation(row)
    total += weight
    for (let i = 0; i < width; i++) {
      const wx = weight * (x[i] ?? 0)
      moment.set(i, 0, moment.get(i, 0) + wx * y)
      for (let k = i; k < width; k++) gram.set(i, k, gram.get(i, k) + wx * (x[k] ?? 0))
    }
  }
  return { gram, moment, total }
}

/** Solves the equations with the penalty on every coefficient but the constant. */
function solvePenalised({ gram, moment, total }: NormalEquations, penalty: number): readonly number[] {
  for (let i = 0; i < gram.rows; i++) {
    for (let k = 0; k < i; k++) gram.set(i, k, gram.get(k, i))
    if (i > 0) gram.set(i, i, gram.get(i, i) + penalty * total)
  }
  return solve(gram, moment).getColumn(0)
}

/** The model's prediction for one row; a missing value is imputed. */
export function predictRow(
  { weights, bias, mean: means, scale, impute }: RidgeModel,
  values: ArrayLike<number>,
): number {
  return weights.reduce((sum, weight, f) => {
    const value = values[f] ?? Number.NaN
    return sum + (weight * ((Number.isFinite(value) ? value : (impute[f] ?? 0)) - (means[f] ?? 0))) / (scale[f] ?? 1)
  }, bias)
}
