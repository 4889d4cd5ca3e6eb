import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts } from '../../verdict/result.ts'

/** The values that a histogram shows one by one; what lies outside is drawn as a bar at each end. */
export interface DrawnRange {
  readonly low: number
  readonly high: number
}

/** Shares of the reference that may be left outside at each end: the least that keeps the middle wide enough to read. */
const OUTSIDE = [0.005, 0.01, 0.02, 0.05, 0.1] as const
/** Between the tenth and the ninetieth percentile lies the middle; an end may be this many times as long. */
const LONGEST_END = 1
/** A range narrower than this part of its values holds one value. */
const ROUNDING = 1e-12
/** A range narrower than this part of all edges lies around one value. */
const LEAST_WIDTH = 1e-9

/**
 * The reference's 0.5 to 99.5 %, or less of a heavy tail, which would leave one spike; more again, up to 0.5 and 99.5 %,
 * where the current rows are. Null when the column has no width.
 */
export function drawnRange({ edges, reference }: ColumnFacts, counts: readonly number[]): DrawnRange | null {
  const then = quantiles(edges, reference)
  const now = rowsIn(counts) === 0 ? then : quantiles(edges, counts)
  const [tenth, ninetieth] = [then.below(0.1), then.above(0.1)]
  const [first, last] = [edges[0] ?? 0, edges.at(-1) ?? 0]
  const isWide = (from: number, to: number): boolean => to - from > (last - first) * LEAST_WIDTH
  const longest = isWide(tenth, ninetieth) ? (ninetieth - tenth) * LONGEST_END : 0
  const [widest] = OUTSIDE
  const close = (at: (outside: number) => number, from: number): number => {
    const near = OUTSIDE.map(at).find((end) => longest > 0 && Math.abs(end - from) <= longest)
    return near ?? at(longest > 0 ? 0.1 : widest)
  }
  const low = Math.max(then.below(widest), Math.min(close(then.below, tenth), now.below(0.05)))
  const high = Math.min(then.above(widest), Math.max(close(then.above, ninetieth), now.above(0.05)))
  // Where almost all rows hold one value, the few others are what there is to see.
  const range = isWide(low, high) ? { low, high } : { low: first, high: last }
  const width = range.high - range.low
  const size = Math.max(Math.abs(range.low), Math.abs(range.high))
  return width > size * ROUNDING && Number.isFinite(width) ? range : null
}

interface Quantiles {
  /** The largest edge with at most this share of rows at or below it. */
  below(share: number): number
  /** The smallest edge with at most this share of rows above it. */
  above(share: number): number
}

function quantiles(edges: readonly number[], counts: readonly number[]): Quantiles {
  const rows = Math.max(1, rowsIn(counts))
  let sum = 0
  const cumulated = edges.map((_, bin) => {
    sum += counts[bin] ?? 0
    return sum / rows
  })
  const slack = 1e-9
  return {
    below: (share) =>
      edges[
        Math.max(
          0,
          cumulated.findLastIndex((reached) => reached <= share + slack),
        )
      ] ?? 0,
    above(share) {
      const found = cumulated.findIndex((reached) => reached >= 1 - share - slack)
      return edges[found === -1 ? edges.length - 1 : found] ?? 0
    },
  }
}
