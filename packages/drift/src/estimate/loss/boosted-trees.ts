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
const STEP = 0.1
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
 * Fits trees to what the trees before left over, one after the other, and hands out the residuals' predictions of all rows after
 * each: `rows` are those fitted to, the others are only predicted. Ends after `most` trees or when `again` says so.
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
  const everyone = Uint32Array.from({ length: features.rows }, (_, row) => row)
  const trees: LossTree[] = []
  const least = Math.max(20, Math.floor(rows.length / 200))
  while (trees.length < most && again(predicted, trees.length)) {
    for (const row of rows) residual[row] = (target[row] ?? 0) - (predicted[row] ?? 0)
    const tree = grow(features, residual, rows, DEPTH, least)
    if ('value' in tree) break
    trees.push(tree)
    addTree(features, tree, everyone, predicted)
  }
  return { base, trees }
}

function grow(
  features: BinnedFeatures,
  residual: Float64Array,
  rows: Uint32Array,
  depth: number,
  least: number,
): LossTree {
  let total = 0
  for (const row of rows) total += residual[row] ?? 0
  const leaf = { value: (STEP * total) / rows.length }
  if (depth === 0) return leaf
  const split = bestSplit(features, residual, rows, total, least)
  if (split === null) return leaf
  const column = features.bins[split.feature] ?? new Uint8Array()
  const isLow = (row: number): boolean => {
    const bin = column[row] ?? 0
    return bin === 0 ? split.missingLow : bin <= split.bin
  }
  return {
    feature: split.feature,
    at: features.edges[split.feature]?.[split.bin - 1] ?? Infinity,
    missingLow: split.missingLow,
    low: grow(features, residual, rows.filter(isLow), depth - 1, least),
    high: grow(
      features,
      residual,
      rows.filter((row) => !isLow(row)),
      depth - 1,
      least,
    ),
  }
}

interface Split {
  readonly feature: number
  readonly bin: number
  readonly missingLow: boolean
}

/** The question whose two answers differ most. */
function bestSplit(
  features: BinnedFeatures,
  residual: Float64Array,
  rows: Uint32Array,
  total: number,
  least: number,
): Split | null {
  let best: Split | null = null
  let most = (total * total) / rows.length + 1e-12
  const counts = new Float64Array(MOST_BINS + 2)
  const sums = new Float64Array(MOST_BINS + 2)
  for (const [feature, column] of features.bins.entries()) {
    counts.fill(0)
    sums.fill(0)
    for (const row of rows) {
      const bin = column[row] ?? 0
      counts[bin] = (counts[bin] ?? 0) + 1
      sums[bin] = (sums[bin] ?? 0) + (residual[row] ?? 0)
    }
    const [missing, missed] = [counts[0] ?? 0, sums[0] ?? 0]
    for (const missingLow of missing > 0 ? [true, false] : [true]) {
      let [count, sum] = missingLow ? [missing, missed] : [0, 0]
      for (let bin = 1; bin <= (features.edges[feature]?.length ?? 0); bin += 1) {
        count += counts[bin] ?? 0
        sum += sums[bin] ?? 0
        const others = rows.length - count
        if (count < least || others < least) continue
        const score = (sum * sum) / count + ((total - sum) * (total - sum)) / others
        if (score > most * (1 + 1e-9)) {
          most = score
          best = { feature, bin, missingLow }
        }
      }
    }
  }
  return best
}

function addTree(features: BinnedFeatures, tree: LossTree, rows: Uint32Array, into: Float64Array): void {
  if ('value' in tree) {
    for (const row of rows) into[row] = (into[row] ?? 0) + tree.value
    return
  }
  const column = features.bins[tree.feature] ?? new Uint8Array()
  const bin = features.edges[tree.feature]?.indexOf(tree.at) ?? -1
  const isLow = (row: number): boolean => ((column[row] ?? 0) === 0 ? tree.missingLow : (column[row] ?? 0) <= bin + 1)
  addTree(features, tree.low, rows.filter(isLow), into)
  addTree(
    features,
    tree.high,
    rows.filter((row) => !isLow(row)),
    into,
  )
}
