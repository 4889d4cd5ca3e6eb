import { numbersIn, quantileOf } from './accuracy.ts'
import type { Matrix } from './matrix.ts'
import { inOrder, SPREAD, type Intervals } from './quantile-model.ts'

/** Forecasts that need no model, by the feature that they repeat; where it is missing, the mean of four weeks. */
export const BASELINES = {
  'same half-hour yesterday': 'half_hours__yesterday_1day',
  'same half-hour last week': 'half_hours__last_week_1day',
} as const

const LEVEL = 'half_hours__level_28days'

/** A feature as the forecast, with bounds from its own errors on the calibration rows, as multiples of the spread. */
export function repeatFeature(
  matrix: Matrix,
  target: Float64Array,
  feature: string,
  calibration: Int32Array,
): Intervals {
  const level = numbersIn(matrix, LEVEL)
  const middle = numbersIn(matrix, feature).map((value, row) =>
    Number.isFinite(value) ? value : (level[row] ?? Number.NaN),
  )
  const spread = numbersIn(matrix, SPREAD)
  const errors = [...calibration].flatMap((row) => {
    const error = ((target[row] ?? Number.NaN) - (middle[row] ?? Number.NaN)) / (spread[row] ?? Number.NaN)
    return Number.isFinite(error) ? [error] : []
  })
  const [below, above] = [
    -quantileOf(
      errors.map((error) => -error),
      0.9,
    ),
    quantileOf(errors, 0.9),
  ]
  const rows = [...middle].map((value, row) => {
    const by = spread[row] ?? Number.NaN
    return inOrder(value + below * by, value, value + above * by)
  })
  return {
    low: Float64Array.from(rows, ([value]) => value),
    middle,
    high: Float64Array.from(rows, ([, , value]) => value),
  }
}
