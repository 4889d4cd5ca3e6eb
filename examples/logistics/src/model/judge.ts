/** What was predicted and what happened, row by row. */
export interface Judged {
  readonly predicted: ArrayLike<number>
  readonly actual: ArrayLike<number>
}

/**
 * The probability that a row with the outcome 1 is given a higher number than one with 0; ties count half. NaN where all outcomes
 * are the same.
 */
export function auc({ predicted, actual }: Judged): number {
  const order = Array.from({ length: actual.length }, (_, row) => row).toSorted(
    (a, b) => (predicted[a] ?? 0) - (predicted[b] ?? 0),
  )
  let [positives, rankSum] = [0, 0]
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && predicted[order[to] ?? 0] === predicted[order[from] ?? 0]) to++
    // Rows with the same number share the mean of their ranks, which count from 1.
    for (let at = from; at < to; at++) {
      if (actual[order[at] ?? 0] !== 1) continue
      positives++
      rankSum += (from + 1 + to) / 2
    }
    from = to
  }
  const negatives = order.length - positives
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** Mean of -log of the probability that was given to what happened; probabilities are kept off 0 and 1 by 1e-15. */
export function logLoss({ predicted, actual }: Judged): number {
  return meanOf(actual.length, (row) => {
    const p = Math.min(1 - 1e-15, Math.max(1e-15, predicted[row] ?? 0))
    return -Math.log(actual[row] === 1 ? p : 1 - p)
  })
}

/** Mean absolute error. */
export function mae({ predicted, actual }: Judged): number {
  return meanOf(actual.length, (row) => Math.abs((predicted[row] ?? 0) - (actual[row] ?? 0)))
}

/** Root of the mean squared error. */
export function rmse({ predicted, actual }: Judged): number {
  return Math.sqrt(meanOf(actual.length, (row) => ((predicted[row] ?? 0) - (actual[row] ?? 0)) ** 2))
}

/** One tenth of the rows, by what was predicted. */
export interface Decile {
  readonly rows: number
  readonly predicted: number
  readonly actual: number
}

/** Mean prediction and mean outcome of ten groups of (nearly) equally many rows, from the lowest prediction to the highest. */
export function calibration({ predicted, actual }: Judged): readonly Decile[] {
  const order = Array.from({ length: actual.length }, (_, row) => row).toSorted(
    (a, b) => (predicted[a] ?? 0) - (predicted[b] ?? 0) || a - b,
  )
  return Array.from({ length: 10 }, (_, tenth) => {
    const rows = order.slice(Math.floor((tenth * order.length) / 10), Math.floor(((tenth + 1) * order.length) / 10))
    return {
      rows: rows.length,
      predicted: meanOf(rows.length, (at) => predicted[rows[at] ?? 0] ?? 0),
      actual: meanOf(rows.length, (at) => actual[rows[at] ?? 0] ?? 0),
    }
  })
}

function meanOf(count: number, value: (at: number) => number): number {
  let sum = 0
  for (let at = 0; at < count; at++) sum += value(at)
  return sum / count
}
