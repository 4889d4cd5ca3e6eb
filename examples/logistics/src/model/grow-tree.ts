import type { TreeNode } from '@martlet/registry'
import type { Bins } from './bins.ts'
import { bestCut, histogramOf, subtract, type Cut, type CutLimits, type Histogram, type Sums } from './histogram.ts'

export interface TreeLimits extends CutLimits {
  /** Most leaves of a tree. */
  readonly leaves: number
  /** The share of a leaf's best step that is taken. */
  readonly learningRate: number
}

/** What a tree is grown on. */
export interface TreeData {
  readonly bins: readonly Bins[]
  readonly slopes: Float64Array
  readonly curvatures: Float64Array
  /** The rows and the features that this tree sees. */
  readonly rows: Int32Array
  readonly features: Int32Array
}

interface Leaf {
  readonly range: readonly [from: number, to: number]
  readonly sums: Sums
  readonly histogram: Histogram
  readonly cut: Cut | undefined
  /** Set when the leaf is cut. */
  split?: { readonly cut: Cut; readonly left: Leaf; readonly right: Leaf }
}

/** Grows a tree, the leaf whose cut gains most first. `onGain` is told of every cut. */
export function growTree(
  data: TreeData,
  limits: TreeLimits,
  onGain: (feature: number, gain: number) => void = () => {},
): TreeNode {
  const { bins, features, slopes, curvatures } = data
  const order = Int32Array.from(data.rows)
  const leafOf = (range: readonly [number, number], sums: Sums, histogram: Histogram): Leaf => ({
    range,
    sums,
    histogram,
    cut: bestCut(histogram, bins, features, sums, limits),
  })
  const histogram = (range: readonly [number, number]): Histogram =>
    histogramOf(bins, features, order, range, slopes, curvatures)
  const all = [0, order.length] as const
  const root = leafOf(all, sumsOf(data), histogram(all))
  const open = new Set([root])
  while (open.size < limits.leaves) {
    const next = [...open].reduce((best, leaf) => ((leaf.cut?.gain ?? 0) > (best.cut?.gain ?? 0) ? leaf : best), root)
    const { cut } = next
    if (cut === undefined || !open.has(next)) break
    const [from, to] = next.range
    const middle = partition(order, from, to, bins[cut.feature]?.of, cut)
    const small = middle - from <= to - middle ? ([from, middle] as const) : ([middle, to] as const)
    const counted = histogram(small)
    const other = subtract(next.histogram, counted)
    const isLeft = small[0] === from && small[1] === middle
    const left = leafOf([from, middle], cut.left, isLeft ? counted : other)
    const right = leafOf([middle, to], cut.right, isLeft ? other : counted)
    next.split = { cut, left, right }
    open.delete(next)
    open.add(left).add(right)
    onGain(cut.feature, cut.gain)
  }
  return nodeOf(root, bins, limits)
}

function sumsOf({ rows, slopes, curvatures }: TreeData): Sums {
  let [slope, curvature] = [0, 0]
  for (const row of rows) {
    slope += slopes[row] ?? 0
    curvature += curvatures[row] ?? 0
  }
  return { slope, curvature, rows: rows.length }
}

/** Orders rows `from` to `to` so that those of the left child come first; returns where the right ones begin. */
function partition(order: Int32Array, from: number, to: number, bins: Uint8Array | undefined, cut: Cut): number {
  const right = new Int32Array(to - from)
  let [lefts, rights] = [from, 0]
  for (let at = from; at < to; at++) {
    const row = order[at] ?? 0
    const bin = bins?.[row] ?? 0
    if (bin === 0 ? cut.missing === 'left' : bin <= cut.bin) order[lefts++] = row
    else right[rights++] = row
  }
  order.set(right.subarray(0, rights), lefts)
  return lefts
}

function nodeOf(leaf: Leaf, bins: readonly Bins[], limits: TreeLimits): TreeNode {
  const { split, sums } = leaf
  if (split === undefined) return (-limits.learningRate * sums.slope) / (sums.curvature + limits.lambda)
  const { feature, bin, missing } = split.cut
  return {
    feature,
    threshold: bins[feature]?.bounds[bin - 1] ?? Number.MAX_VALUE,
    missing,
    left: nodeOf(split.left, bins, limits),
    right: nodeOf(split.right, bins, limits),
  }
}
