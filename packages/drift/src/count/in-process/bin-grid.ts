/** Cells for each edge: so many that few cells have more than one. */
const CELLS_PER_EDGE = 8
/** The share of the edges left out at either end of the grid: one that is far away would put all others into one cell. */
const OUTSIDE = 0.01

/**
 * Finds the bins of many numbers among right-closed bins: the count of edges below each. A grid of equal cells says with which
 * edge a number has to be compared.
 *
 * @example
 * const bins = new Int32Array(3)
 * new BinGrid([1, 2, 3]).place(Float64Array.of(0, 2, 9), bins) // bins: 0, 1, 3
 */
export class BinGrid {
  readonly #edges: Float64Array
  /** One more cell is on either side of these. */
  readonly #cells: number
  readonly #low: number
  readonly #scale: number
  /** How many edges are in the cells before each cell. */
  readonly #before: Int32Array
  /** The same, or a negative mark of the cell, where more than one edge is in it. */
  readonly #start: Int32Array
  /** The edge in a cell; where none is, or more, one that no number of the cell is above. */
  readonly #edge: Float64Array

  /** @param edges finite and ascending */
  constructor(edges: readonly number[]) {
    this.#edges = Float64Array.from(edges)
    this.#cells = Math.max(1, edges.length * CELLS_PER_EDGE)
    const outside = Math.floor(edges.length * OUTSIDE)
    const low = edges[outside] ?? 0
    const scale = this.#cells / ((edges[edges.length - 1 - outside] ?? 0) - low)
    // A single edge, or edges too near or too far apart for a grid: all numbers are in one cell.
    const hasGrid = Number.isFinite(scale) && scale > 0
    this.#low = hasGrid ? low : 0
    this.#scale = hasGrid ? scale : 0
    const before = new Int32Array(this.#cells + 3)
    for (const edge of edges) {
      const next = this.#cellOf(edge) + 1
      before[next] = (before[next] ?? 0) + 1
    }
    for (let cell = 1; cell < before.length; cell += 1) before[cell] = (before[cell] ?? 0) + (before[cell - 1] ?? 0)
    this.#before = before
    this.#start = before.slice()
    this.#edge = new Float64Array(before.length).fill(Infinity)
    for (let cell = 0; cell + 1 < before.length; cell += 1) {
      const start = before[cell] ?? 0
      const inside = (before[cell + 1] ?? 0) - start
      if (inside === 1) this.#edge[cell] = edges[start] ?? Infinity
      else if (inside > 1) this.#start[cell] = ~cell
    }
  }

  /** Writes the bin of each number to its place in `bins`. */
  place(numbers: Float64Array, bins: Int32Array): void {
    placeByCell(numbers, bins, this.#low, this.#scale, this.#cells, this.#start, this.#edge)
    placeBySearch(numbers, bins, this.#before, this.#edges)
  }

  /** Never falls as the number rises: differences, and products with a positive number, are rounded in order. */
  #cellOf(value: number): number {
    const place = (value - this.#low) * this.#scale
    if (place >= this.#cells) return this.#cells + 1
    return place >= 0 ? 1 + (place | 0) : 0
  }
}

/** The bin of a number that is above all edges before `low` and not above the one at `high`. */
function search(edges: Float64Array, value: number, low: number, high: number): number {
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Writes the bin of each number, or the mark of a cell with more than one edge. The processor would guess wrongly at a branch for
 * the edge: a sum is twice as fast. A function of its own, so that `cells` stays a whole number beside the doubles.
 */
function placeByCell(
  numbers: Float64Array,
  bins: Int32Array,
  low: number,
  scale: number,
  cells: number,
  start: Int32Array,
  edge: Float64Array,
): void {
  for (let row = 0; row < numbers.length; row += 1) {
    const value = numbers[row] ?? 0
    const place = (value - low) * scale
    let cell = 0
    if (place >= 0) cell = place < cells ? (place | 0) + 1 : cells + 1
    bins[row] = (start[cell] ?? 0) + Number((edge[cell] ?? Infinity) < value)
  }
}

/** Searches the bins of the numbers that are in cells with more than one edge. */
function placeBySearch(numbers: Float64Array, bins: Int32Array, before: Int32Array, edges: Float64Array): void {
  for (let row = 0; row < numbers.length; row += 1) {
    const bin = bins[row] ?? 0
    if (bin < 0) bins[row] = search(edges, numbers[row] ?? 0, before[~bin] ?? 0, before[~bin + 1] ?? 0)
  }
}
