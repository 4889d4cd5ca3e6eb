/** Cells for each edge: so many that few cells have an edge. */
const CELLS_PER_EDGE = 8
/** The share of the edges left out at either end of the grid: one that is far away would put all others into one cell. */
const OUTSIDE = 0.02
/** In a cell with more edges than this, a number's place is found by halving. */
const FEW = 6

/**
 * Finds the bins of many numbers among right-closed bins: the count of edges below each. A grid of equal cells says which few
 * edges a number has to be compared with.
 *
 * @example
 * const bins = new Int32Array(3)
 * new BinGrid([1, 2, 3]).place(Float64Array.of(0, 2, 9), bins) // bins: 0, 1, 3
 */
export class BinGrid {
  /** With an end that no finite number is above. */
  readonly #edges: Float64Array
  /** One more cell is on either side of these. */
  readonly #cells: number
  readonly #low: number
  readonly #scale: number
  /** How many edges are in the cells before each cell. */
  readonly #before: Int32Array
  /** The first edge that is in a cell or beyond it. */
  readonly #first: Float64Array

  /** @param edges finite and ascending */
  constructor(edges: readonly number[]) {
    this.#edges = Float64Array.from([...edges, Infinity])
    this.#cells = Math.max(1, edges.length * CELLS_PER_EDGE)
    const outside = Math.floor(edges.length * OUTSIDE)
    const low = edges[outside] ?? 0
    const scale = this.#cells / ((edges[edges.length - 1 - outside] ?? 0) - low)
    // A single edge, or edges too near or too far apart for a grid: all numbers are in one cell.
    const hasGrid = Number.isFinite(scale) && scale > 0
    this.#low = hasGrid ? low : 0
    this.#scale = hasGrid ? scale : 0
    this.#before = new Int32Array(this.#cells + 3)
    for (const edge of edges) {
      const next = this.#cellOf(edge) + 1
      this.#before[next] = (this.#before[next] ?? 0) + 1
    }
    for (let cell = 1; cell < this.#before.length; cell += 1)
      this.#before[cell] = (this.#before[cell] ?? 0) + (this.#before[cell - 1] ?? 0)
    this.#first = Float64Array.from(this.#before, (before) => this.#edges[before] ?? Infinity)
  }

  /** Writes the bin of each number to its place in `bins`. */
  place(numbers: Float64Array, bins: Int32Array): void {
    // The loop runs for every value of every column, so it has no calls but the search, which is seldom needed.
    const [edges, before, first] = [this.#edges, this.#before, this.#first]
    const [low, scale, cells] = [this.#low, this.#scale, this.#cells]
    for (let row = 0; row < numbers.length; row += 1) {
      const value = numbers[row] ?? 0
      const place = (value - low) * scale
      let cell = 0
      if (place >= 0) cell = place < cells ? (place | 0) + 1 : cells + 1
      let bin = before[cell] ?? 0
      if ((first[cell] ?? Infinity) < value) {
        const end = before[cell + 1] ?? 0
        if (end - bin > FEW) bin = search(edges, value, bin, end)
        else while ((edges[bin] ?? Infinity) < value) bin += 1
      }
      bins[row] = bin
    }
  }

  /** Never falls as the number rises: differences, and products with a positive number, are rounded in order. */
  #cellOf(value: number): number {
    const place = (value - this.#low) * this.#scale
    if (place >= this.#cells) return this.#cells + 1
    return place >= 0 ? 1 + (place | 0) : 0
  }
}

function search(edges: Float64Array, value: number, from: number, to: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
