/** Equal cells between two of the edges, each of which knows the edges before it: so many for each edge, so that few have any. */
const CELLS_PER_EDGE = 8
/** Of the edges, so many at either end are left out of the grid, so that a far one does not put all others into one cell. */
const OUTSIDE = 0.02

/** What a number has that is null or not finite. */
export const NO_BIN = -1

/**
 * Finds the bins of many numbers among right-closed bins: the count of edges below each. A grid of equal cells says which few
 * edges a number has to be compared with.
 *
 * @example new BinGrid([1, 2, 3]).binOf(2) // 1
 */
export class BinGrid {
  /** With an end that no finite number is above. */
  readonly #edges: Float64Array
  readonly #cells: number
  readonly #low: number
  readonly #scale: number
  /** How many edges are in cells before each cell. */
  readonly #before: Uint16Array

  /** @param edges finite and ascending, fewer than 65,536 */
  constructor(edges: readonly number[]) {
    this.#edges = Float64Array.from([...edges, Infinity])
    this.#cells = Math.max(1, edges.length * CELLS_PER_EDGE)
    this.#before = new Uint16Array(this.#cells + 3)
    const outside = Math.floor(edges.length * OUTSIDE)
    const low = edges[outside] ?? 0
    const scale = this.#cells / ((edges[edges.length - 1 - outside] ?? 0) - low)
    // One edge, or edges that are too near or too far apart for a grid: all numbers are in one cell.
    const hasGrid = Number.isFinite(scale) && scale > 0
    this.#low = hasGrid ? low : 0
    this.#scale = hasGrid ? scale : 0
    for (const edge of edges) {
      const next = this.#cellOf(edge) + 1
      this.#before[next] = (this.#before[next] ?? 0) + 1
    }
    for (let cell = 1; cell < this.#before.length; cell += 1)
      this.#before[cell] = (this.#before[cell] ?? 0) + (this.#before[cell - 1] ?? 0)
  }

  /** The count of edges below a finite number. */
  binOf(value: number): number {
    const bins = new Int32Array(1)
    this.place(Float64Array.of(value), null, bins)
    return bins[0] ?? 0
  }

  /** The bin of each number, and {@link NO_BIN} where it is null or not finite. */
  place(numbers: Float64Array, nulls: Uint8Array | null, bins: Int32Array): void {
    // This loop runs for every value of every column, so it is written out.
    const [edges, before, low, scale, cells] = [this.#edges, this.#before, this.#low, this.#scale, this.#cells]
    for (let row = 0; row < numbers.length; row += 1) {
      const value = numbers[row] ?? 0
      if (value - value !== 0 || (nulls !== null && nulls[row] === 1)) {
        bins[row] = NO_BIN
        continue
      }
      const place = (value - low) * scale
      let cell = 0
      if (place >= 0) cell = place < cells ? (place | 0) + 1 : cells + 1
      let bin = before[cell] ?? 0
      if ((before[cell + 1] ?? 0) - bin > FEW) bin = search(edges, value, bin, before[cell + 1] ?? 0)
      else while ((edges[bin] ?? Infinity) < value) bin += 1
      bins[row] = bin
    }
  }

  /** Never falls as the number rises: differences and products with a positive number are rounded in order. */
  #cellOf(value: number): number {
    const place = (value - this.#low) * this.#scale
    if (place >= this.#cells) return this.#cells + 1
    return place >= 0 ? 1 + (place | 0) : 0
  }
}

/** So many edges are compared one after another. */
const FEW = 6

function search(edges: Float64Array, value: number, from: number, to: number): number {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((edges[middle] ?? Infinity) < value) low = middle + 1
    else high = middle
  }
  return low
}
