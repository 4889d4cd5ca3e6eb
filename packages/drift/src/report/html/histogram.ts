import type { ColumnFacts } from '../../verdict/result.ts'

/** Shares of both sides in cells of the same width, for drawing. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly reference: readonly number[]
  readonly current: readonly number[]
}

/**
 * Spreads a number column's bins over cells of equal width between the reference's outer quantiles; the first and the last
 * cell hold what is below and above them. Null when there is nothing to draw.
 */
export function histogram(facts: ColumnFacts, counts: readonly number[], cells: number): Histogram | null {
  const { edges } = facts
  const skip = edges.length > 8 ? 1 : 0
  const low = edges[skip] ?? 0
  const high = edges[edges.length - 1 - skip] ?? 0
  if (!(high > low && Number.isFinite(high - low))) return null
  const range = { edges, first: skip, last: edges.length - 1 - skip, low, width: (high - low) / (cells - 2), cells }
  return { low, high, reference: spread(facts.reference, range), current: spread(counts, range) }
}

interface Range {
  readonly edges: readonly number[]
  /** Edges that bound the cells of equal width. */
  readonly first: number
  readonly last: number
  readonly low: number
  readonly width: number
  readonly cells: number
}

function spread(counts: readonly number[], { edges, first, last, low, width, cells }: Range): readonly number[] {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  )
  const shares = Array.from({ length: cells }, () => 0)
  const add = (cell: number, share: number): void => {
    shares[cell] = (shares[cell] ?? 0) + share
  }
  const cellOf = (value: number): number => 1 + Math.min(cells - 3, Math.max(0, Math.floor((value - low) / width)))
  for (const [bin, count] of counts.entries()) {
    const share = count / total
    const from = edges[bin - 1] ?? -Infinity
    const to = edges[bin] ?? Infinity
    if (bin > last) add(cells - 1, share)
    else if (bin < first || (bin === first && !holdsPoint(from, to))) add(0, share)
    else {
      const [left, right] = [cellOf(from), cellOf(to)]
      if (left === right || holdsPoint(from, to)) add(right, share)
      else
        for (let cell = left; cell <= right; cell += 1)
          add(
            cell,
            (share * (Math.min(to, low + cell * width) - Math.max(from, low + (cell - 1) * width))) / (to - from),
          )
    }
  }
  return shares
}

/** Whether a bin was made for one value, and so has almost no width. */
function holdsPoint(from: number, to: number): boolean {
  return to - from <= 4e-16 * Math.max(Math.abs(from), Math.abs(to), 1e-290)
}
