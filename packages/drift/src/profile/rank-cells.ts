/** The rows of one cell of a column. */
export interface Cell {
  readonly key: number
  readonly rows: number
  /** The value of all of its rows, where it has room for no other. */
  readonly only: number | undefined
}

/** Where the values of some ranks are. */
export interface RankPlan {
  /** Values of ranks in cells with room for one value. */
  readonly known: ReadonlyMap<number, number>
  /** Cells whose rows have to be sorted for the other ranks. */
  readonly keys: readonly number[]
  /** Rows of these cells. */
  readonly rows: number
  /** The rank of a row among those of `keys`, and its rank in the column. */
  readonly ranks: ReadonlyMap<number, number>
}

/** Finds the cells that hold the rows of some ranks, which ascend and count from 0. Cells ascend, and do not overlap. */
export function planRanks(cells: readonly Cell[], wanted: readonly number[]): RankPlan {
  const known = new Map<number, number>()
  const ranks = new Map<number, number>()
  const keys: number[] = []
  let next = 0
  let start = 0
  let rows = 0
  for (const { key, rows: inside, only } of cells) {
    const end = start + inside
    const first = next
    for (; next < wanted.length && (wanted[next] ?? end) < end; next += 1) {
      const rank = wanted[next] ?? 0
      if (only === undefined) ranks.set(rows + rank - start, rank)
      else known.set(rank, only)
    }
    if (next > first && only === undefined) {
      keys.push(key)
      rows += inside
    }
    start = end
  }
  return { known, keys, rows, ranks }
}
