/** A tree of questions about features. Rows without the feature go where most of their like went. */
export type LossTree =
  | { readonly value: number }
  | {
      readonly feature: number
      /** Up to and including this number a row goes low. */
      readonly at: number
      readonly missingLow: boolean
      readonly low: LossTree
      readonly high: LossTree
    }

/** A sum of small trees on a base. */
export interface BoostedTrees {
  readonly base: number
  readonly trees: readonly LossTree[]
}

/** Features in bins: 0 where there is no number, bin i + 1 up to `edges[i]`, one more beyond the last edge. */
export interface BinnedFeatures {
  readonly rows: number
  readonly bins: readonly Uint8Array[]
  readonly edges: readonly (readonly number[])[]
}

/** Depth 3 lets three features act together; a small step needs more trees and overshoots less. */
const DEPTH = 3
const STEP = 0.2
const MOST_BINS = 64

/** Sorts numbers into bins with about as many rows each; NaN is no number. */
export function binFeatures(columns: readonly Float64Array[]): BinnedFeatures {
  const edges = columns.map((column) => {
    const sorted = column.filter((value) => !Number.isNaN(value)).toSorted()
    const found = new Set<number>()
    for (let bin = 1; bin < MOST_BINS; bin += 1) {
      const at = Math.floor((sorted.length * bin) / MOST_BINS)
      const [below, above] = [sorted[at - 1], sorted[at]]
      if (below === undefined || above === undefined) continue
      // Between two different values, so that neither is on the edge; else the next greater value begins a bin.
      if (below < above) found.add((below + above) / 2 < above ? (below + above) / 2 : below)
      else {
        const next = sorted.find((value, index) => index > at && value > above)
        if (next !== undefined) found.add((above + next) / 2 < next ? (above + next) / 2 : above)
      }
    }
    return [...found].toSorted((a, b) => a - b)
  })
  const bins = columns.map((column, feature) =>
    Uint8Array.from(column, (value) => binOfFeature(value, edges[feature] ?? [])),
  )
  return { rows: columns[0]?.length ?? 0, bins, edges }
}

function binOfFeature(value: number, edges: readonly number[]): number {
  if (Number.isNaN(value)) return 0
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low + 1
}

/**
 * Fits trees to what the trees before left over, one after the other: to `rows`, while all rows are predicted. Ends after `most`
 * trees, or when `again` says so, which sees the predictions before each tree.
 */
export function boost(
  features: BinnedFeatures,
  target: Float64Array,
  rows: Uint32Array,
  most: number,
  again: (predicted: Float64Array, trees: number) => boolean,
): BoostedTrees {
  const base = rows.reduce((sum, row) => sum + (target[row] ?? 0), 0) / Math.max(1, rows.length)
  const predicted = new Float64Array(features.rows).fill(base)
  const residual = new Float64Array(features.rows)
  const fitted = new Uint8Array(features.rows)
  for (const row of rows) fitted[row] = 1
  // Rows that are only predicted walk along with the others, so that each tree is walked once.
  const order = Uint32Array.from({ length: features.rows }, (_, row) => row)
  const trees: LossTree[] = []
  const least = Math.max(20, Math.floor(rows.length / 200))
  const fit = { features, residual, fitted, predicted, least, spare: new Uint32Array(features.rows) }
  while (trees.length < most && again(predicted, trees.length)) {
    for (let row = 0; row < features.rows; row += 1)
      residual[row] = fitted[row] === 1 ? (target[row] ?? 0) - (predicted[row] ?? 0) : 0
    const tree = grow(fit, order, DEPTH)
    trees.push(tree)
    if ('value' in tree) break
  }
  return { base, trees }
}

interface Fit {
  readonly features: BinnedFeatures
  readonly residual: Float64Array
  /** 1 for rows that are fitted to. */
  readonly fitted: Uint8Array
  readonly predicted: Float64Array
  readonly least: number
  readonly spare: Uint32Array
}

/** Grows a tree on the rows, reorders them by its leaves, and adds its values to their predictions. */
function grow(fit: Fit, rows: Uint32Array, depth: number): LossTree {
  const { features, residual, fitted, predicted } = fit
  let [total, count] = [0, 0]
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? 0
    total += residual[row] ?? 0
    count += fitted[row] ?? 0
  }
  const split = depth === 0 ? null : bestSplit(fit, rows, total, count)
  if (split === null) {
    const value = count === 0 ? 0 : (STEP * total) / count
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0
      predicted[row] = (predicted[row] ?? 0) + value
    }
    return { value }
  }
  const { feature, bin, missingLow } = split
  const low = partition(rows, features.bins[feature] ?? new Uint8Array(), split, fit.spare)
  return {
    feature,
    at: features.edges[feature]?.[bin - 1] ?? Infinity,
    missingLow,
    low: grow(fit, rows.subarray(0, low), depth - 1),
    high: grow(fit, rows.subarray(low), depth - 1),
  }
}

interface Split {
  readonly feature: number
  readonly bin: number
  readonly missingLow: boolean
}

/** Moves the rows that go low to the front, each part in its order, and returns how many these are. */
function partition(rows: Uint32Array, column: Uint8Array, { bin, missingLow }: Split, spare: Uint32Array): number {
  let [low, high] = [0, 0]
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] ?? 0
    const at = column[row] ?? 0
    if (at === 0 ? missingLow : at <= bin) rows[low++] = row
    else spare[high++] = row
  }
  rows.set(spare.subarray(0, high), low)
  return low
}

/** The question whose two answers differ most. */
function bestSplit(
  { features, residual, fitted, least }: Fit,
  rows: Uint32Array,
  total: number,
  all: number,
): Split | null {
  let best: Split | null = null
  let most = ((total * total) / all) * (1 + 1e-9) + 1e-12
  const counts = new Float64Array(MOST_BINS + 2)
  const sums = new Float64Array(MOST_BINS + 2)
  for (const [feature, column] of features.bins.entries()) {
    counts.fill(0)
    sums.fill(0)
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index] ?? 0
      const bin = column[row] ?? 0
      counts[bin] = (counts[bin] ?? 0) + (fitted[row] ?? 0)
      sums[bin] = (sums[bin] ?? 0) + (residual[row] ?? 0)
    }
    const [missing, missed] = [counts[0] ?? 0, sums[0] ?? 0]
    for (const missingLow of missing > 0 ? [true, false] : [true]) {
      let [count, sum] = missingLow ? [missing, missed] : [0, 0]
      for (let bin = 1; bin <= (features.edges[feature]?.length ?? 0); bin += 1) {
        count += counts[bin] ?? 0
        sum += sums[bin] ?? 0
        const others = all - count
        if (count < least || others < least) continue
        const score = (sum * sum) / count + ((total - sum) * (total - sum)) / others
        if (score > most) {
          most = score * (1 + 1e-9)
          best = { feature, bin, missingLow }
        }
      }
    }
  }
  return best
}
