import type { LinearModel } from '@martlet/registry'
import type { Matrix } from './matrix.ts'
import { solveSymmetric } from './solve.ts'

/** A linear model of one quantile, on standardised features, as `linearRegressionOnnx` writes it. */
export interface QuantileModel extends LinearModel {
  readonly quantile: number
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  readonly impute: readonly number[]
}

const STEPS = 24
/** Errors smaller than a share of the mean error count as equal: at first half of it, at last this. */
const BLUNT = 3e-3
const PENALTY = 1e-6

/** The features of some rows, standardised, with a 1 before them; missing values are means. */
export interface Prepared {
  readonly features: readonly string[]
  readonly rows: number
  readonly width: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly mean: readonly number[]
  readonly scale: readonly number[]
}

/** @throws Error when there are fewer rows than features */
export function prepare({ features, values }: Matrix, target: Float64Array, rows: Int32Array): Prepared {
  const count = features.length
  const usable = rows.filter((row) => Number.isFinite(target[row]))
  if (usable.length <= count) throw new Error(`${usable.length} rows are too few for ${count} features`)
  const mean: number[] = []
  const scale: number[] = []
  for (let f = 0; f < count; f++) {
    let [sum, squares, known] = [0, 0, 0]
    for (const row of usable) {
      const value = values[row * count + f] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      sum += value
      squares += value * value
      known++
    }
    const middle = known === 0 ? 0 : sum / known
    const spread = known === 0 ? 0 : Math.sqrt(Math.max(0, squares / known - middle * middle))
    mean.push(middle)
    scale.push(spread > 1e-9 ? spread : 1)
  }
  const width = count + 1
  const x = new Float64Array(usable.length * width)
  for (const [i, row] of usable.entries()) {
    x[i * width] = 1
    for (let f = 0; f < count; f++) {
      const value = values[row * count + f] ?? Number.NaN
      x[i * width + f + 1] = Number.isFinite(value) ? (value - (mean[f] ?? 0)) / (scale[f] ?? 1) : 0
    }
  }
  return {
    features,
    rows: usable.length,
    width,
    x,
    y: Float64Array.from(usable, (row) => target[row] ?? 0),
    mean,
    scale,
  }
}

/**
 * Linear quantile regression: minimises the pinball loss by majorisation (Hunter and Lange, 2000). Each step is a least squares
 * problem in which a row weighs the inverse of its error.
 */
export function fitQuantile(prepared: Prepared, quantile: number): QuantileModel {
  const { features, rows, width, x, y, mean, scale } = prepared
  let weights: Float64Array<ArrayBufferLike> = new Float64Array(width)
  for (let step = 0; step <= STEPS; step++) {
    const errors = y.map((value, row) => value - dot(x, row * width, weights))
    const share = Math.max(BLUNT, 0.5 * 0.7 ** step)
    const blunt = share * (errors.reduce((sum, error) => sum + Math.abs(error), 0) / rows) + 1e-12
    const gram = new Float64Array(width * width)
    const moment = new Float64Array(width)
    for (let row = 0; row < rows; row++) {
      // The first step is plain least squares.
      const weight = step === 0 ? 1 : 1 / (blunt + Math.abs(errors[row] ?? 0))
      const pull = weight * (y[row] ?? 0) + (step === 0 ? 0 : 2 * quantile - 1)
      const at = row * width
      for (let i = 0; i < width; i++) {
        const left = x[at + i] ?? 0
        moment[i] = (moment[i] ?? 0) + pull * left
        const scaled = weight * left
        for (let k = i; k < width; k++) gram[i * width + k] = (gram[i * width + k] ?? 0) + scaled * (x[at + k] ?? 0)
      }
    }
    const penalty = PENALTY * (gram[0] ?? 1)
    for (let i = 1; i < width; i++) gram[i * width + i] = (gram[i * width + i] ?? 0) + penalty
    weights = solveSymmetric(gram, moment)
  }
  const [bias = 0, ...slopes] = weights
  return { features, weights: slopes, bias, mean, scale, impute: mean, quantile }
}

function dot(x: Float64Array, from: number, weights: Float64Array): number {
  let sum = 0
  for (let i = 0; i < weights.length; i++) sum += (x[from + i] ?? 0) * (weights[i] ?? 0)
  return sum
}

/** The predictions of a model for every row. */
export function predict(
  { weights, bias, mean, scale, impute }: QuantileModel,
  { rows, features, values }: Matrix,
): Float64Array {
  const count = features.length
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = bias
    for (let f = 0; f < count; f++) {
      const given = values[row * count + f] ?? Number.NaN
      const value = Number.isFinite(given) ? given : (impute[f] ?? 0)
      sum += ((weights[f] ?? 0) * (value - (mean[f] ?? 0))) / (scale[f] ?? 1)
    }
    return sum
  })
}

/** The model plus `by` times one of its features, as a model of the same form. */
export function addFeature(model: QuantileModel, feature: string, by: number): QuantileModel {
  const at = model.features.indexOf(feature)
  if (at < 0) throw new Error(`the model has no feature ${feature}`)
  const weights = model.weights.map((weight, f) => (f === at ? weight + by * (model.scale[f] ?? 1) : weight))
  return { ...model, weights, bias: model.bias + by * (model.mean[at] ?? 0) }
}
