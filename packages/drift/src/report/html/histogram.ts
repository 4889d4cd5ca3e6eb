import type { ColumnFacts } from '../../verdict/result.ts'

/** Shares of both sides in cells of the same width, for drawing. */
export interface Histogram {
  readonly low: number
  readonly high: number
  readonly reference: readonly number[]
  readonly current: readonly number[]
}

/**
 * Spreads a number column's bins over cells of equal width between the reference's outer quantiles; what lies beyond goes
 * into the first and last cell. Null when there is nothing to draw.
 */
export function histogram(facts: ColumnFacts, counts: readonly number[], cells: number): Histogram | null {
  const { edges } = facts
  if (edges.length < 2) return null
  // outermost half percents are left to the end cells, unless that leaves nothing
  const trimmed = edges.length > 8 ? edges.slice(1, -1) : edges
  const low = trimmed[0] ?? 0
  const high = trimmed.at(-1) ?? 0
  if (!(high > low)) return null
  return { low, high, reference: spread(facts.reference, edges, low, high, cells), current: spread(counts, edges, low, high, cells) }
}

function spread(counts: readonly number[], edges: readonly number[], low: number, high: number, cells: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const shares = Array.from({ length: cells }, () => 0)
  const width = (high - low) / cells
  const cellOf = (value: number): number => Math.min(cells - 1, Math.max(0, Math.floor((value - low) / width)))
  for (const [bin, count] of counts.entries()) {
    if (count === 0) continue
    const from = Math.max(low, edges[bin - 1] ?? low)
    const to = Math.min(high, edges[bin] ?? high)
    const first = cellOf(from)
    const last = cellOf(to)
    for (let cell = first; cell <= last; cell += 1) {
      const overlap = first === last || !(to > from) ? 1 / (last - first + 1) : (Math.min(to, low + (cell + 1) * width) - Math.max(from, low + cell * width)) / (to - from)
      shares[cell] = (shares[cell] ?? 0) + (count / total) * overlap
    }
  }
  return shares
}
