import type { Matrix } from './matrix.ts'
import type { Intervals } from './quantile-model.ts'

/** How good forecasts of some rows are. */
export interface Accuracy {
  readonly rows: number
  /** Σ|y − middle| / Σy */
  readonly wape: number
  /** Mean of the pinball losses of the three quantiles, Wh. */
  readonly pinball: number
  /** The share of rows within the bounds. */
  readonly coverage: number
}

export function accuracyOf(target: Float64Array, { low, middle, high }: Intervals, rows: Int32Array): Accuracy {
  let [used, error, total, loss, inside] = [0, 0, 0, 0, 0]
  for (const row of rows) {
    const y = target[row] ?? Number.NaN
    const [a, b, c] = [low[row] ?? Number.NaN, middle[row] ?? Number.NaN, high[row] ?? Number.NaN]
    if (!Number.isFinite(y + a + b + c)) continue
    used++
    error += Math.abs(y - b)
    total += y
    loss += (pinball(y, a, 0.1) + pinball(y, b, 0.5) + pinball(y, c, 0.9)) / 3
    if (y >= a && y <= c) inside++
  }
  return { rows: used, wape: error / total, pinball: (1000 * loss) / used, coverage: inside / used }
}

/** The loss of a forecast of a quantile: low is dear where the quantile is high. */
export function pinball(y: number, forecast: number, quantile: number): number {
  return y >= forecast ? quantile * (y - forecast) : (1 - quantile) * (forecast - y)
}

/** The value below which a share of the values lies; with one more value in mind, as conformal bounds have it. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * (sorted.length + 1)) - 1)] ?? 0
}

/** One feature of every row. */
export function numbersIn({ rows, features, values }: Matrix, name: string): Float64Array {
  const at = features.indexOf(name)
  if (at < 0) throw new Error(`there is no feature ${name}`)
  return Float64Array.from({ length: rows }, (_, row) => values[row * features.length + at] ?? Number.NaN)
}
