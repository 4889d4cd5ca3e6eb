import type { Bins } from './bins.ts'

const PER_FEATURE = 256 * 3

/** Sums of slope, curvature and rows by feature and bin, of the rows in one leaf. */
export type Histogram = Float64Array

/** Adds up rows `from` to `to` of `order`, for the features that the tree may use. */
export function histogramOf(
  bins: readonly Bins[],
  features: Int32Array,
  order: Int32Array,
  [from, to]: readonly [number, number],
  slopes: Float64Array,
  curvatures: Float64Array,
): Histogram {
  const sums = new Float64Array(features.length * PER_FEATURE)
  for (const [place, feature] of features.entries()) {
    const of = bins[feature]?.of
    if (of === undefined) continue
    const start = place * PER_FEATURE
    for (let at = from; at < to; at++) {
      const row = order[at] ?? 0
      const cell = start + (of[row] ?? 0) * 3
      sums[cell] = (sums[cell] ?? 0) + (slopes[row] ?? 0)
      sums[cell + 1] = (sums[cell + 1] ?? 0) + (curvatures[row] ?? 0)
      sums[cell + 2] = (sums[cell + 2] ?? 0) + 1
    }
  }
  return sums
}

/** What is left of a leaf without one of its children: the other one. */
export function subtract(whole: Histogram, part: Histogram): Histogram {
  return whole.map((sum, cell) => sum - (part[cell] ?? 0))
}

/** The sums of a leaf. */
export interface Sums {
  readonly slope: number
  readonly curvature: number
  readonly rows: number
}

/** Rows whose bin is at most `bin` go left, and those without a value where `missing` says. */
export interface Cut {
  readonly gain: number
  readonly feature: number
  readonly bin: number
  readonly missing: 'left' | 'right'
  readonly left: Sums
  readonly right: Sums
}

export interface CutLimits {
  /** Fewest rows of a leaf. */
  readonly minRows: number
  /** Added to each leaf's curvature: shrinks leaves of few or certain rows. */
  readonly lambda: number
}

/** The cut that lowers the loss most, if one does. */
export function bestCut(
  histogram: Histogram,
  bins: readonly Bins[],
  features: Int32Array,
  whole: Sums,
  { minRows, lambda }: CutLimits,
): Cut | undefined {
  const score = (slope: number, curvature: number): number => (slope * slope) / (curvature + lambda)
  const before = score(whole.slope, whole.curvature)
  let best: Cut | undefined
  for (const [place, feature] of features.entries()) {
    const bounds = bins[feature]?.bounds.length ?? 0
    const start = place * PER_FEATURE
    const [missingSlope, missingCurvature, missingRows] = [
      histogram[start] ?? 0,
      histogram[start + 1] ?? 0,
      histogram[start + 2] ?? 0,
    ]
    let [slope, curvature, rows] = [0, 0, 0]
    // After the last bound all values are on the left: that cut tells the missing from the others.
    for (let bin = 1; bin <= bounds + (missingRows > 0 ? 1 : 0); bin++) {
      const cell = start + bin * 3
      slope += histogram[cell] ?? 0
      curvature += histogram[cell + 1] ?? 0
      rows += histogram[cell + 2] ?? 0
      for (const side of missingRows > 0 && bin <= bounds ? SIDES : RIGHT) {
        const withMissing = side === 'left'
        const left = {
          slope: withMissing ? slope + missingSlope : slope,
          curvature: withMissing ? curvature + missingCurvature : curvature,
          rows: withMissing ? rows + missingRows : rows,
        }
        const right = {
          slope: whole.slope - left.slope,
          curvature: whole.curvature - left.curvature,
          rows: whole.rows - left.rows,
        }
        if (left.rows < minRows || right.rows < minRows) continue
        const gain = score(left.slope, left.curvature) + score(right.slope, right.curvature) - before
        if (gain <= (best?.gain ?? 1e-9)) continue
        // Rows without a value, where training had none, go with the majority.
        const missing = missingRows > 0 ? side : left.rows > right.rows ? 'left' : 'right'
        best = { gain, feature, bin, missing, left, right }
      }
    }
  }
  return best
}

const SIDES = ['left', 'right'] as const
const RIGHT = ['right'] as const
