/** Columns of small whole numbers, and which of two sides each row is on. */
export interface Labelled {
  /** Codes below {@link CODES}, one array per column. */
  readonly columns: readonly Uint8Array[]
  /** 1 for one side, 0 for the other. */
  readonly labels: Uint8Array
}

export interface BoostedTrees {
  /** The log-odds that a row is on side 1. */
  score(row: number): number
  /** How much each column lowered the loss. */
  readonly gains: readonly number[]
}

/** Codes that a column may have. */
export const CODES = 32

const TREES = 40
const DEPTH = 3
const RATE = 0.2
/** Added to the curvature of a leaf, so that few rows say little. */
const RIDGE = 5
/** Rows that both sides of a split have at least. */
const LEAST_ROWS = 10
/** The share of columns that a tree may split by, so that none hides the others. */
const COLUMNS_OF_TREE = 0.6

interface Split {
  readonly column: number
  /** Rows with codes up to this one go left. */
  readonly upTo: number
  readonly gain: number
}

type Node = { readonly split: Split; readonly left: Node; readonly right: Node } | { readonly value: number }

/**
 * Trees of depth 3 fitted one after another to the gradient of the logistic loss, by histograms of codes; both sides weigh the
 * same. Source: Chen, Guestrin (2016), XGBoost.
 */
export function boostTrees({ columns, labels }: Labelled, rows: Int32Array, random: () => number): BoostedTrees {
  const ones = rows.reduce((sum, row) => sum + (labels[row] ?? 0), 0)
  const weights = [rows.length / (2 * (rows.length - ones)), rows.length / (2 * ones)] as const
  const scores = new Float64Array(labels.length)
  const gradient = new Float64Array(labels.length)
  const curvature = new Float64Array(labels.length)
  const gains = columns.map(() => 0)
  const trees: Node[] = []
  const grow = (members: Int32Array, depth: number, among: readonly number[]): Node => {
    const split = depth === 0 ? null : bestSplit(columns, members, gradient, curvature, among)
    if (split === null) return { value: leafValue(members, gradient, curvature) }
    gains[split.column] = (gains[split.column] ?? 0) + split.gain
    const codes = columns[split.column] ?? new Uint8Array()
    const goesLeft = (row: number): boolean => (codes[row] ?? 0) <= split.upTo
    return {
      split,
      left: grow(members.filter(goesLeft), depth - 1, among),
      right: grow(
        members.filter((row) => !goesLeft(row)),
        depth - 1,
        among,
      ),
    }
  }
  for (let tree = 0; tree < TREES; tree += 1) {
    for (const row of rows) {
      const label = labels[row] ?? 0
      const chance = 1 / (1 + Math.exp(-(scores[row] ?? 0)))
      const weight = label === 1 ? weights[1] : weights[0]
      gradient[row] = weight * (chance - label)
      curvature[row] = weight * chance * (1 - chance)
    }
    const some = [...columns.keys()].filter(() => random() < COLUMNS_OF_TREE)
    const root = grow(rows, DEPTH, some.length === 0 ? [...columns.keys()] : some)
    trees.push(root)
    for (const row of rows) scores[row] = (scores[row] ?? 0) + valueAt(root, columns, row)
  }
  return { gains, score: (row) => trees.reduce((sum, tree) => sum + valueAt(tree, columns, row), 0) }
}

function valueAt(tree: Node, columns: readonly Uint8Array[], row: number): number {
  let node = tree
  while ('split' in node) node = (columns[node.split.column]?.[row] ?? 0) <= node.split.upTo ? node.left : node.right
  return node.value
}

function leafValue(rows: Int32Array, gradient: Float64Array, curvature: Float64Array): number {
  let [g, h] = [0, 0]
  for (const row of rows) {
    g += gradient[row] ?? 0
    h += curvature[row] ?? 0
  }
  return (-RATE * g) / (h + RIDGE)
}

function bestSplit(
  columns: readonly Uint8Array[],
  rows: Int32Array,
  gradient: Float64Array,
  curvature: Float64Array,
  among: readonly number[],
): Split | null {
  if (rows.length < 2 * LEAST_ROWS) return null
  const [g, h, n] = [new Float64Array(CODES), new Float64Array(CODES), new Int32Array(CODES)]
  let best: Split | null = null
  for (const column of among) {
    const codes = columns[column] ?? new Uint8Array()
    g.fill(0)
    h.fill(0)
    n.fill(0)
    for (const row of rows) {
      const code = codes[row] ?? 0
      g[code] = (g[code] ?? 0) + (gradient[row] ?? 0)
      h[code] = (h[code] ?? 0) + (curvature[row] ?? 0)
      n[code] = (n[code] ?? 0) + 1
    }
    const [allG, allH] = [total(g), total(h)]
    const whole = allG ** 2 / (allH + RIDGE)
    let [leftG, leftH, leftN] = [0, 0, 0]
    for (let code = 0; code < CODES - 1; code += 1) {
      leftG += g[code] ?? 0
      leftH += h[code] ?? 0
      leftN += n[code] ?? 0
      if (leftN < LEAST_ROWS || rows.length - leftN < LEAST_ROWS) continue
      const gain = leftG ** 2 / (leftH + RIDGE) + (allG - leftG) ** 2 / (allH - leftH + RIDGE) - whole
      if (gain > (best?.gain ?? 1e-9)) best = { column, upTo: code, gain }
    }
  }
  return best
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0)
}
