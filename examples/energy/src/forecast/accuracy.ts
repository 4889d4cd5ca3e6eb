/** How good a forecast is over some rows. */
export interface Accuracy {
  readonly rows: number
  /** Σ|y − ŷ| / Σ|y| */
  readonly wape: number
  /** Mean absolute error, kWh. */
  readonly mae: number
  /** Σ(ŷ − y) / Σ|y| */
  readonly bias: number
}

/** Compares forecasts with what happened, over the kept rows in which both are known. */
export function accuracy(actual: Float64Array, forecast: ArrayLike<number>, keep: (row: number) => boolean): Accuracy {
  let rows = 0
  let error = 0
  let signed = 0
  let total = 0
  for (let row = 0; row < actual.length; row++) {
    const y = actual[row] ?? Number.NaN
    const f = forecast[row] ?? Number.NaN
    if (!keep(row) || !Number.isFinite(y) || !Number.isFinite(f)) continue
    rows++
    error += Math.abs(y - f)
    signed += f - y
    total += Math.abs(y)
  }
  return { rows, wape: error / total, mae: error / rows, bias: signed / total }
}
