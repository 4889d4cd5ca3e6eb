import type { FeatureMatrix } from './feature-matrix.ts'

/** Bin 0 has the rows without a value, so there are at most 255 others. */
const MOST = 255

/** A column cut into bins: bin b (from 1) has the values in (bounds[b - 2], bounds[b - 1]], the last one all above. */
export interface Bins {
  readonly of: Uint8Array
  readonly bounds: Float64Array
}

/** Cuts every column by what the given rows have in it; other rows fall into the same bins. */
export function binColumns({ columns }: FeatureMatrix, rows: Int32Array): readonly Bins[] {
  return columns.map((column) => {
    const bounds = boundsOf(column, rows)
    return { bounds, of: Uint8Array.from(column, (value) => binOf(bounds, value)) }
  })
}

function binOf(bounds: Float64Array, value: number): number {
  if (Number.isNaN(value)) return 0
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (value <= (bounds[middle] ?? Number.POSITIVE_INFINITY)) high = middle
    else low = middle + 1
  }
  return low + 1
}

/** Bounds half-way between values that occur: between all of them where they are few, otherwise such that bins are equally full. */
function boundsOf(column: Float32Array, rows: Int32Array): Float64Array {
  const sorted = Float32Array.from(rows, (row) => column[row] ?? Number.NaN)
    .filter((value) => !Number.isNaN(value))
    .sort()
  const steps: number[] = []
  for (let at = 1; at < sorted.length; at++) if (sorted[at] !== sorted[at - 1]) steps.push(at)
  const between = (at: number): number => ((sorted[at - 1] ?? 0) + (sorted[at] ?? 0)) / 2
  if (steps.length < MOST) return Float64Array.from(steps, between)
  const bounds: number[] = []
  let last = 0
  for (const [index, at] of steps.entries()) {
    const left = MOST - 1 - bounds.length
    if (left === 0) break
    // What is left is spread evenly over the bins that are left; a value that fills several bins by itself gets one.
    if (at - last >= (sorted.length - last) / (left + 1) || steps.length - index <= left) {
      bounds.push(between(at))
      last = at
    }
  }
  return Float64Array.from(bounds)
}
