/** Rows of features, NaN where a value is missing, and what happened. */
export interface Examples {
  readonly features: readonly string[]
  readonly columns: readonly Float64Array[]
  readonly outcome: Float64Array
}

/** A logistic regression on standardised features; what is missing counts as the mean. */
export interface LogisticFit {
  readonly features: readonly string[]
  readonly weights: readonly number[]
  readonly bias: number
  readonly mean: readonly number[]
  readonly scale: readonly number[]
  readonly impute: readonly number[]
}

const ROUNDS = 400
const RATE = 0.5
/** Pulls weights towards 0, as a share of the gradient of one row. */
const RIDGE = 0.002

/** Fits by gradient descent on all rows, which is the same on every machine. */
export function fitLogistic({ features, columns, outcome }: Examples, rows: Int32Array): LogisticFit {
  const mean = columns.map((column) => meanOf(column, rows))
  const scale = columns.map((column, at) => spreadOf(column, rows, mean[at] ?? 0))
  const values = columns.map((column, at) =>
    Float64Array.from(rows, (row) => standard(column[row], mean[at] ?? 0, scale[at] ?? 1)),
  )
  const weights = new Float64Array(columns.length)
  let bias = 0
  for (let round = 0; round < ROUNDS; round++) {
    const steps = new Float64Array(columns.length)
    let stepOfBias = 0
    for (let at = 0; at < rows.length; at++) {
      let sum = bias
      for (let feature = 0; feature < weights.length; feature++)
        sum += (weights[feature] ?? 0) * (values[feature]?.[at] ?? 0)
      const error = 1 / (1 + Math.exp(-sum)) - (outcome[rows[at] ?? 0] ?? 0)
      stepOfBias += error
      for (let feature = 0; feature < weights.length; feature++)
        steps[feature] = (steps[feature] ?? 0) + error * (values[feature]?.[at] ?? 0)
    }
    bias -= (RATE * stepOfBias) / rows.length
    for (let feature = 0; feature < weights.length; feature++)
      weights[feature] =
        (weights[feature] ?? 0) - RATE * ((steps[feature] ?? 0) / rows.length + RIDGE * (weights[feature] ?? 0))
  }
  return { features, weights: [...weights], bias, mean, scale, impute: mean }
}

/** The probability of a row. */
export function predict(fit: LogisticFit, row: readonly number[]): number {
  const sum = fit.weights.reduce(
    (total, weight, at) => total + weight * standard(row[at], fit.mean[at] ?? 0, fit.scale[at] ?? 1),
    fit.bias,
  )
  return 1 / (1 + Math.exp(-sum))
}

function standard(value: number | undefined, mean: number, scale: number): number {
  return value === undefined || Number.isNaN(value) ? 0 : (value - mean) / scale
}

function meanOf(column: Float64Array, rows: Int32Array): number {
  let [sum, count] = [0, 0]
  for (const row of rows) {
    const value = column[row] ?? Number.NaN
    if (Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  return count === 0 ? 0 : sum / count
}

function spreadOf(column: Float64Array, rows: Int32Array, mean: number): number {
  let [sum, count] = [0, 0]
  for (const row of rows) {
    const value = column[row] ?? Number.NaN
    if (Number.isNaN(value)) continue
    sum += (value - mean) ** 2
    count += 1
  }
  return count === 0 || sum === 0 ? 1 : Math.sqrt(sum / count)
}

/** The chance that a row that happened has a higher value than one that did not; half where they tie. NaN without both. */
export function auc(values: readonly number[], happened: readonly boolean[]): number {
  const order = values.map((value, at) => ({ value, yes: happened[at] === true })).toSorted((a, b) => a.value - b.value)
  let [rankSum, yes] = [0, 0]
  for (let from = 0; from < order.length;) {
    let to = from
    while (to < order.length && order[to]?.value === order[from]?.value) to++
    const rank = (from + 1 + to) / 2
    for (let at = from; at < to; at++)
      if (order[at]?.yes === true) {
        rankSum += rank
        yes += 1
      }
    from = to
  }
  return (rankSum - (yes * (yes + 1)) / 2) / (yes * (order.length - yes))
}
