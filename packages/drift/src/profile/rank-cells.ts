/** The rows of one cell of a grid over a column: how many there are, the least and the greatest value. */
export interface Cell {
  readonly key: number
  readonly rows: number
  readonly low: number
  readonly high: number
}

/** Where the values of some ranks are. */
export interface RankPlan {
  /** Values that the cells tell: a cell's first, its last, and those of cells with a single value. */
  readonly known: ReadonlyMap<number, number>
  /** Cells whose rows have to be sorted for the other ranks. */
  readonly keys: readonly number[]
  /** Rows of these cells. */
  readonly rows: number
  /** The rank of a row among those of `keys`, and its rank in the column. */
  readonly ranks: ReadonlyMap<number, number>
}

/**
 * Finds the cells that hold the rows of some ranks, which ascend and count from 0. Values ascend from cell to cell but for the
 * engine's rounding: cells whose values overlap are taken as one, so that the answer does not depend on it.
 */
export function planRanks(cells: readonly Cell[], wanted: readonly number[]): RankPlan {
  const known = new Map<number, number>()
  const ranks = new Map<number, number>()
  const keys: number[] = []
  let next = 0
  let start = 0
  let rows = 0
  for (const part of apart(cells)) {
    const end = start + part.rows
    let read = false
    for (; next < wanted.length && (wanted[next] ?? end) < end; next += 1) {
      const rank = wanted[next] ?? 0
      if (rank === start || part.low === part.high) known.set(rank, part.low)
      else if (rank === end - 1) known.set(rank, part.high)
      else {
        ranks.set(rows + rank - start, rank)
        read = true
      }
    }
    if (read) {
      keys.push(...part.keys)
      rows += part.rows
    }
    start = end
  }
  return { known, keys, rows, ranks }
}

interface Part extends Omit<Cell, 'key'> {
  readonly keys: readonly number[]
}

/** Cells in ascending order, those together that overlap. */
function apart(cells: readonly Cell[]): readonly Part[] {
  const parts: Part[] = []
  for (const { key, ...cell } of cells.toSorted((a, b) => a.key - b.key)) {
    let part: Part = { ...cell, keys: [key] }
    for (let before = parts.at(-1); before !== undefined && part.low < before.high; before = parts.at(-1)) {
      parts.pop()
      part = {
        keys: [...before.keys, ...part.keys],
        rows: before.rows + part.rows,
        low: Math.min(before.low, part.low),
        high: Math.max(before.high, part.high),
      }
    }
    parts.push(part)
  }
  return parts
}
