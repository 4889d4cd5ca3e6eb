import { justBelow } from '../count/bin-edges.ts'
import { BinGrid } from '../count/in-process/bin-grid.ts'
import { wantedRanks, type ColumnRanks } from './column-ranks.ts'

/** Cells of about equally many rows, as a sample has them. */
const CELLS = 2048
/** Rows of the sample at the least, of a longer column. */
const SAMPLED = 8192

/**
 * Reads the ranks of finite numbers, exactly. A sample divides them into cells of about equally many rows; the rows of each cell
 * are counted, and those of the cells that hold a rank that is wanted are sorted: about a twentieth. A bad sample costs time,
 * never an answer. `places` is room for the cell of each number.
 */
export function ranksInMemory(numbers: Float64Array, places: Int32Array): ColumnRanks {
  const count = numbers.length
  const edges = cellEdges(sampleOf(numbers))
  new BinGrid(edges).place(numbers, places)
  const rows = rowsOfCells(places, count, edges.length + 1)
  const at = new Map<number, number>()
  /** The ranks to read among the rows of the cells that are sorted. */
  const sorted: { readonly rank: number; readonly among: number }[] = []
  const isSorted = new Uint8Array(rows.length)
  let [cell, before, near] = [0, 0, 0]
  for (const rank of wantedRanks(count)) {
    while (before + (rows[cell] ?? count) <= rank) {
      if (isSorted[cell] === 1) near += rows[cell] ?? 0
      before += rows[cell] ?? 0
      cell += 1
    }
    const only = onlyValue(edges, cell)
    if (only !== undefined) at.set(rank, only)
    else {
      isSorted[cell] = 1
      sorted.push({ rank, among: near + rank - before })
    }
  }
  if (isSorted[cell] === 1) near += rows[cell] ?? 0
  const values = rowsIn(numbers, places, isSorted, near).sort()
  for (const { rank, among } of sorted) at.set(rank, values[among] ?? Number.NaN)
  return { count, minimum: at.get(0) ?? null, maximum: at.get(count - 1) ?? null, at }
}

/** Some of the numbers, evenly spread over the rows, in order. */
function sampleOf(numbers: Float64Array): Float64Array {
  const step = Math.max(1, Math.floor(numbers.length / SAMPLED))
  const sample = new Float64Array(Math.ceil(numbers.length / step))
  for (let index = 0; index < sample.length; index += 1) sample[index] = numbers[index * step] ?? 0
  return sample.sort()
}

/** Edges of right-closed cells. A value that many rows have gets a cell of its own. */
function cellEdges(sample: Float64Array): readonly number[] {
  const edges: number[] = []
  let isRepeated = false
  for (let cell = 1; cell < CELLS; cell += 1) {
    const value = sample[Math.floor((cell * sample.length) / CELLS)]
    if (value === undefined) break
    const last = edges.at(-1)
    if (last === undefined || last < value) {
      edges.push(value)
      isRepeated = false
    } else if (!isRepeated) {
      isRepeated = true
      const below = justBelow(value)
      if (Number.isFinite(below) && (edges.at(-2) ?? -Infinity) < below) edges.splice(-1, 1, below, value)
    }
  }
  return edges
}

/** The value of a cell that has room for one only. */
function onlyValue(edges: readonly number[], cell: number): number | undefined {
  const [above, upTo] = [edges[cell - 1], edges[cell]]
  return above !== undefined && upTo !== undefined && above === justBelow(upTo) ? upTo : undefined
}

function rowsOfCells(places: Int32Array, count: number, cells: number): Float64Array {
  const rows = new Float64Array(cells)
  for (let row = 0; row < count; row += 1) {
    const cell = places[row] ?? 0
    rows[cell] = (rows[cell] ?? 0) + 1
  }
  return rows
}

function rowsIn(numbers: Float64Array, places: Int32Array, isWanted: Uint8Array, count: number): Float64Array {
  const found = new Float64Array(count)
  let next = 0
  for (let row = 0; row < numbers.length; row += 1) {
    if (isWanted[places[row] ?? 0] !== 1) continue
    found[next] = numbers[row] ?? 0
    next += 1
  }
  return found
}
