/** The quantile levels of a profile's edges: both ends, every percent, and the winsor limits at 0.5 % and 99.5 %. */
export const EDGE_LEVELS: readonly number[] = [
  0,
  0.005,
  ...Array.from({ length: 99 }, (_, index) => (index + 1) / 100),
  0.995,
  1,
]

export interface BinEdges {
  readonly edges: readonly number[]
  readonly deciles: readonly number[]
  readonly limits: readonly [number, number] | null
  readonly median: number | null
}

/**
 * Turns the quantiles at {@link EDGE_LEVELS} into distinct ascending edges.
 *
 * A quantile that occurs twice is a value with at least half a percent of the rows: an edge just below it gives it a bin of
 * its own, so that a move from that value to a smaller one is detected. Quantiles that differ in the last digit only, as
 * interpolated ones may, count as one, the greatest of them.
 */
export function binEdges(quantiles: readonly number[]): BinEdges {
  if (quantiles.length === 0) return { edges: [], deciles: [], limits: null, median: null }
  const edges: number[] = []
  const snapped: number[] = []
  for (let start = 0; start < quantiles.length;) {
    const first = plain(quantiles[start])
    let end = start + 1
    let value = first
    while (end < quantiles.length && sameQuantile(value, plain(quantiles[end]))) {
      value = Math.max(value, plain(quantiles[end]))
      end += 1
    }
    const below = justBelow(Math.min(first, value))
    const previous = edges.at(-1)
    if (end - start > 1 && Number.isFinite(below) && (previous === undefined || previous < below)) edges.push(below)
    edges.push(value)
    for (; start < end; start += 1) snapped.push(value)
  }
  const deciles = EDGE_LEVELS.flatMap((level, index) =>
    Math.round(level * 1000) % 100 === 0 && level > 0 && level < 1 ? [snapped[index] ?? 0] : [],
  )
  return {
    edges,
    deciles: [...new Set(deciles)],
    limits: [snapped[1] ?? 0, snapped.at(-2) ?? 0],
    median: snapped[EDGE_LEVELS.indexOf(0.5)] ?? 0,
  }
}

function sameQuantile(value: number, next: number): boolean {
  return next <= value || next - value <= 4e-16 * Math.abs(value)
}

/** Makes −0 and 0 one value. */
function plain(value: number | undefined): number {
  return value === undefined || value === 0 ? 0 : value
}

/** A double as bits, for {@link justBelow}, which is called hundreds of times for each column. */
const view = new DataView(new ArrayBuffer(8))

/** The next double below a finite one. */
export function justBelow(value: number): number {
  if (value === 0) return -Number.MIN_VALUE
  view.setFloat64(0, value)
  const bits = view.getBigInt64(0)
  view.setBigInt64(0, value > 0 ? bits - 1n : bits + 1n)
  return view.getFloat64(0)
}

/**
 * The bin of a number among right-closed bins: the count of edges below it.
 *
 * @example binOf(2, [1, 2, 3]) // 1
 */
export function binOf(value: number, edges: ArrayLike<number>): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
