import { cellOf } from '../../kernels/grid-place.ts'
import { CELL_BYTES, EDGE, MORE, START } from '../../kernels/place-in-bins.ts'
import type { Workbench } from '../../kernels/workbench.ts'

/** Cells for each edge: so many that few cells have more than one. */
const CELLS_PER_EDGE = 8
/** The share of the edges left out at either end of the grid: one that is far away would put all others into one cell. */
const OUTSIDE = 0.01

/**
 * Finds the bins of many numbers among right-closed bins: the count of edges below each. A grid of equal cells says with which
 * edge a number has to be compared.
 */
export class BinGrid {
  readonly #bench: Workbench
  readonly #last: number
  readonly #low: number
  readonly #scale: number
  readonly #edges: number
  readonly #cells: number

  /** @param edges finite and ascending */
  constructor(bench: Workbench, edges: readonly number[]) {
    this.#bench = bench
    this.#last = Math.max(1, edges.length * CELLS_PER_EDGE)
    const outside = Math.floor(edges.length * OUTSIDE)
    const low = edges[outside] ?? 0
    const scale = this.#last / ((edges[edges.length - 1 - outside] ?? 0) - low)
    // A single edge, or edges too near or too far apart for a grid: all numbers are in one cell.
    const hasGrid = Number.isFinite(scale) && scale > 0
    this.#low = hasGrid ? low : 0
    this.#scale = hasGrid ? scale : 0
    this.#edges = bench.take(8 * edges.length)
    this.#cells = bench.take(CELL_BYTES * (this.#last + 1))
    bench.doubles.set(edges, this.#edges / 8)
    this.#describeCells(edges)
  }

  /** Writes the bins of doubles at an address as whole numbers of 32 bits. One more is read, and one more is written, when they are odd. */
  place(numbers: number, count: number, bins: number): void {
    const { run } = this.#bench
    run.placeInBins(numbers, numbers + 8 * count, bins, this.#cells, this.#edges, this.#low, this.#scale, this.#last)
  }

  #describeCells(edges: readonly number[]): void {
    const cells = new DataView(this.#bench.bytes.buffer, this.#cells)
    let start = 0
    for (let cell = 0; cell <= this.#last; cell += 1) {
      let end = start
      while (end < edges.length && cellOf(edges[end] ?? Infinity, this.#low, this.#scale, this.#last) <= cell) end += 1
      const inside = end - start
      cells.setFloat64(CELL_BYTES * cell + EDGE, inside === 1 ? (edges[start] ?? Infinity) : Infinity, true)
      cells.setInt32(CELL_BYTES * cell + START, start, true)
      cells.setInt32(CELL_BYTES * cell + MORE, inside === 1 ? 0 : inside, true)
      start = end
    }
  }
}
