import { numbersIn, quantileOf } from './accuracy.ts'
import type { Matrix } from './matrix.ts'
import { addFeature, fitQuantile, predict, prepare, type QuantileModel } from './quantile-regression.ts'

export const QUANTILES = [0.1, 0.5, 0.9] as const
/** How much the same half-hour of the last four weeks differs: what intervals are widened by. */
export const SPREAD = 'half_hours__spread_28days'
/** At most so many rows are learnt from. */
const MOST_ROWS = 20_000

/** Models of the 10 %, 50 % and 90 % quantile. */
export type QuantileModels = readonly [low: QuantileModel, middle: QuantileModel, high: QuantileModel]

/** Three forecasts of every row, in order and not below zero. */
export interface Intervals {
  readonly low: Float64Array
  readonly middle: Float64Array
  readonly high: Float64Array
}

/**
 * Fits the three quantiles on some rows. Then each bound is moved, by a multiple of the row's own spread, to where it would have been
 * passed in just a tenth of the calibration rows, which are later (conformalised quantile regression, Romano et al., 2019).
 */
export function fitIntervals(
  matrix: Matrix,
  target: Float64Array,
  learnt: Int32Array,
  calibration: Int32Array,
): QuantileModels {
  const stride = Math.max(1, Math.ceil(learnt.length / MOST_ROWS))
  const prepared = prepare(
    matrix,
    target,
    learnt.filter((_, i) => i % stride === 0),
  )
  const [low, middle, high] = QUANTILES.map((quantile) => fitQuantile(prepared, quantile))
  if (low === undefined || middle === undefined || high === undefined) throw new Error('there are three quantiles')
  const spread = numbersIn(matrix, SPREAD)
  const excess = (model: QuantileModel, sign: 1 | -1): number => {
    const forecast = predict(model, matrix)
    const passed = [...calibration].flatMap((row) => {
      const by = (sign * ((target[row] ?? Number.NaN) - (forecast[row] ?? Number.NaN))) / (spread[row] ?? Number.NaN)
      return Number.isFinite(by) ? [by] : []
    })
    return quantileOf(passed, 0.9)
  }
  return [addFeature(low, SPREAD, -excess(low, -1)), middle, addFeature(high, SPREAD, excess(high, 1))]
}

/** The bounds of a row as they are read: sorted, and no less than nothing. */
export function inOrder(low: number, middle: number, high: number): readonly [number, number, number] {
  const [a = 0, b = 0, c = 0] = [low, middle, high]
    .map((value) => Math.max(0, value))
    .toSorted((one, other) => one - other)
  return [a, b, c]
}

export function intervalsOf([low, middle, high]: QuantileModels, matrix: Matrix): Intervals {
  const raw = [predict(low, matrix), predict(middle, matrix), predict(high, matrix)] as const
  const rows = Array.from({ length: matrix.rows }, (_, row) =>
    inOrder(raw[0][row] ?? 0, raw[1][row] ?? 0, raw[2][row] ?? 0),
  )
  return {
    low: Float64Array.from(rows, ([value]) => value),
    middle: Float64Array.from(rows, ([, value]) => value),
    high: Float64Array.from(rows, ([, , value]) => value),
  }
}
