import type { FiniteNumbers } from '../count/in-process/finite-numbers.ts'
import type { Workbench } from '../kernels/workbench.ts'
import { wantedRanks, type ColumnRanks } from './column-ranks.ts'
import { selectRanks } from './select-ranks.ts'

/** The number of the last cell. */
const LAST = 8192
/** Numbers of the sample at most. */
const SAMPLED = 1024
/** The share of the sample below and above all cells but the first and the last. */
const OUTSIDE = 0.005

/**
 * Reads the ranks of finite numbers, exactly. Cells of equal width lie over most of a sample; the rows of each are counted, and those
 * of the cells that hold a rank that is wanted are looked through: of smooth numbers, one in forty. A bad sample costs time, never an
 * answer.
 */
export function ranksInMemory(bench: Workbench, numbers: FiniteNumbers): ColumnRanks {
  const { at: from, length: count } = numbers
  const at = new Map<number, number>()
  if (count > 0) bench.borrow(() => readRanks(bench, from, count, at))
  return { count, minimum: at.get(0) ?? null, maximum: at.get(count - 1) ?? null, at }
}

/** The rows of a cell, and the ranks that are wanted of them, from 0 in the cell. */
interface NearRows {
  readonly before: number
  readonly rows: number
  readonly ranks: number[]
}

function readRanks(bench: Workbench, from: number, count: number, at: Map<number, number>): void {
  const { low, scale } = gridOf(bench.doublesAt(from, count))
  const places = bench.take(2 * (count + 1))
  const counts = bench.take(4 * (LAST + 1))
  bench.bytes.fill(0, counts, counts + 4 * (LAST + 1))
  bench.run.countCells(from, from + 8 * count, places, counts, low, scale, LAST)
  const near = nearRows(bench.integersAt(counts, LAST + 1), wantedRanks(count))
  // The counts are not needed any more: where the next row of each cell goes takes their place.
  bench.bytes.fill(0, counts, counts + 4 * (LAST + 1))
  const starts = [...near].map(([cell, { rows, ...cellRows }]) => ({
    cell,
    rows,
    ...cellRows,
    start: bench.take(8 * rows),
  }))
  const next = bench.integersAt(counts, LAST + 1)
  for (const { cell, start } of starts) next[cell] = start
  bench.run.gatherCells(from, from + 8 * count, places, counts)
  for (const { before, rows, ranks, start } of starts) {
    const values = bench.doublesAt(start, rows)
    selectRanks(values, ranks)
    // −0 becomes 0.
    for (const rank of ranks) at.set(before + rank, (values[rank] ?? Number.NaN) + 0)
  }
}

/** Cells over all of a sample but its ends. */
function gridOf(numbers: Float64Array): { readonly low: number; readonly scale: number } {
  const step = Math.ceil(numbers.length / SAMPLED)
  const sample = Float64Array.from(
    { length: Math.ceil(numbers.length / step) },
    (_, row) => numbers[row * step] ?? 0,
  ).sort()
  const outside = Math.floor(sample.length * OUTSIDE)
  const low = sample[outside] ?? 0
  const scale = LAST / ((sample[sample.length - 1 - outside] ?? 0) - low)
  // Numbers too near or too far apart: all are in the first cell.
  return Number.isFinite(scale) ? { low, scale } : { low: 0, scale: 0 }
}

/** The cells that hold ranks. */
function nearRows(counts: Int32Array, wanted: readonly number[]): ReadonlyMap<number, NearRows> {
  const near = new Map<number, NearRows>()
  let [cell, before] = [0, 0]
  for (const rank of wanted) {
    for (let rows = counts[cell] ?? Infinity; before + rows <= rank; rows = counts[cell] ?? Infinity) {
      before += rows
      cell += 1
    }
    const found = near.get(cell) ?? { before, rows: counts[cell] ?? 0, ranks: [] }
    found.ranks.push(rank - before)
    near.set(cell, found)
  }
  return near
}
