/** Equal cells between two of the edges, each of which knows the few edges in it. */
const CELLS = 4096
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
  readonly #edges: Float64Array
  readonly #low: number
  readonly #scale: number
  /** How many edges are in cells before each cell. */
  readonly #before = new Uint16Array(CELLS + 3)

  /** @param edges finite and ascending, fewer than 65,536 */
  constructor(edges: readonly number[]) {
    this.#edges = Float64Array.from(edges)
    const outside = Math.floor(edges.length * OUTSIDE)
    const low = edges[outside] ?? 0
    const scale = CELLS / ((edges[edges.length - 1 - outside] ?? 0) - low)
    // One edge, or edges that are too near or too far apart for a grid: all numbers are in one cell.
    const hasGrid = Number.isFinite(scale) && scale > 0
    this.#low = hasGrid ? low : 0
    this.#scale = hasGrid ? scale : 0
    for (const edge of this.#edges) {
      const next = cellAt((edge - this.#low) * this.#scale) + 1
      this.#before[next] = (this.#before[next] ?? 0) + 1
    }
    for (let cell = 1; cell < this.#before.length; cell += 1)
      this.#before[cell] = (this.#before[cell] ?? 0) + (this.#before[cell - 1] ?? 0)
  }

  /** The count of edges below a finite number. */
  binOf(value: number): number {
    const place = (value - this.#low) * this.#scale
    return this.#search(value, cellAt(place))
  }

  /** The bin of each number, and {@link NO_BIN} where it is null or not finite. */
  place(numbers: Float64Array, nulls: Uint8Array | null, bins: Int32Array): void {
    const [low, scale] = [this.#low, this.#scale]
    for (let row = 0; row < numbers.length; row += 1) {
      const value = numbers[row] ?? 0
      const hasBin = (nulls === null || nulls[row] !== 1) && value - value === 0
      bins[row] = hasBin ? this.#search(value, cellAt((value - low) * scale)) : NO_BIN
    }
  }

  #search(value: number, cell: number): number {
    const edges = this.#edges
    let low = this.#before[cell] ?? 0
    let high = this.#before[cell + 1] ?? 0
    while (low < high) {
      const middle = (low + high) >> 1
      if ((edges[middle] ?? 0) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Never falls as the number rises: differences and products with a positive number are rounded in order. */
function cellAt(place: number): number {
  if (place >= CELLS) return CELLS + 1
  return place >= 0 ? 1 + (place | 0) : 0
}
