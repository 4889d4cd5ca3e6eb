import { rowsIn } from '../../compare/sides.ts'
import type { ColumnFacts } from '../../verdict/result.ts'
import { drawnRange, type DrawnRange } from './drawn-range.ts'

/** Shares of the rows of both sides, the reference first. */
export type Both = readonly [then: number, now: number]

/** A number column as it is drawn. All shares are of all rows, those without a value included. */
export interface Histogram extends DrawnRange {
  /** In cells of the same width from low to high. */
  readonly reference: readonly number[]
  readonly current: readonly number[]
  readonly below: Both
  readonly above: Both
  readonly missing: Both
}

/** Spreads a number column's bins over at most so many cells of equal width. Null when there is nothing to draw. */
export function histogram(
  facts: ColumnFacts,
  current: { readonly counts: readonly number[]; readonly nullRate: number | null },
  most: number,
): Histogram | null {
  const { edges } = facts
  const range = drawnRange(facts, current.counts)
  if (range === null) return null
  const grid = gridOf(facts, range, most)
  const then = spread(facts.reference, edges, grid)
  const now = spread(current.counts, edges, grid)
  const [thenRows, nowRows] = [1 - facts.nullRate, 1 - (current.nullRate ?? 0)]
  const scaled = (shares: readonly number[], rows: number): readonly number[] => shares.map((share) => share * rows)
  return {
    low: grid.low,
    // Rounding may carry it beyond all doubles.
    high: Math.min(grid.low + grid.cells * grid.width, Number.MAX_VALUE),
    reference: scaled(then.cells, thenRows),
    current: scaled(now.cells, nowRows),
    below: [then.below * thenRows, now.below * nowRows],
    above: [then.above * thenRows, now.above * nowRows],
    missing: [facts.nullRate, current.nullRate ?? 0],
  }
}

interface Grid {
  readonly low: number
  readonly width: number
  readonly cells: number
  /** Values are whole numbers; cells hold the same number of them. */
  readonly whole: boolean
}

/** Cells of whole numbers begin and end half way between two of them. */
function gridOf({ type, origin }: ColumnFacts, { low, high }: DrawnRange, most: number): Grid {
  const whole = (type === 'integer' || type === 'bigint') && origin === null
  if (!whole) return { low, width: (high - low) / most, cells: most, whole }
  const [first, last] = [Math.floor(low) + 1, Math.floor(high)]
  const from = Math.min(first, last)
  const width = Math.max(1, Math.ceil((last - from + 1) / most))
  return { low: from - 0.5, width, cells: Math.max(1, Math.ceil((last - from + 1) / width)), whole }
}

interface Spread {
  readonly cells: readonly number[]
  readonly below: number
  readonly above: number
}

/** Whole numbers of a wider bin are spread like other numbers. */
const MOST_WHOLE = 200

function spread(counts: readonly number[], edges: readonly number[], { low, width, cells, whole }: Grid): Spread {
  const rows = Math.max(1, rowsIn(counts))
  const high = low + width * cells
  const shares = Array.from({ length: cells }, () => 0)
  let [below, above] = [0, 0]
  const cellOf = (value: number): number => Math.min(cells - 1, Math.max(0, Math.floor((value - low) / width)))
  const add = (cell: number, share: number): void => {
    shares[cell] = (shares[cell] ?? 0) + share
  }
  const at = (value: number, share: number): void => {
    if (value < low) below += share
    else if (value > high) above += share
    else add(cellOf(value), share)
  }
  const between = (from: number, to: number, share: number): void => {
    if (to <= low) below += share
    else if (from >= high) above += share
    else {
      const part = (a: number, b: number): number =>
        (share * Math.max(0, Math.min(to, b) - Math.max(from, a))) / (to - from)
      below += part(from, low)
      above += part(high, to)
      for (let cell = cellOf(from); cell <= cellOf(to); cell += 1)
        add(cell, part(low + cell * width, cell === cells - 1 ? high : low + (cell + 1) * width))
    }
  }
  for (const [bin, count] of counts.entries()) {
    const share = count / rows
    const [from, to] = [edges[bin - 1], edges[bin]]
    if (count === 0) continue
    if (to === undefined) above += share
    else if (from === undefined) below += share
    else if (holdsPoint(from, to)) at(to, share)
    else {
      const [first, last] = [Math.floor(from) + 1, Math.floor(to)]
      if (!whole || last < first || last - first >= MOST_WHOLE) between(from, to, share)
      else for (let value = first; value <= last; value += 1) at(value, share / (last - first + 1))
    }
  }
  return { cells: shares, below, above }
}

/** Whether a bin was made for one value, and so has almost no width. */
function holdsPoint(from: number, to: number): boolean {
  return to - from <= 4e-16 * Math.max(Math.abs(from), Math.abs(to), 1e-290)
}
