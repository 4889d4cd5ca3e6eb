import type { BinnedNumbers } from '../binned-column.ts'
import { countedEdges } from '../counted-edges.ts'
import type { NumberScan } from '../scan-numbers.ts'
import { BinGrid } from './bin-grid.ts'
import type { FiniteNumbers, Unbinned } from './finite-numbers.ts'

/** Numbers at a time, so that their bins are still near the processor when they are added up. */
const PIECE = 2048
/** The bins of a piece. */
const places = new Int32Array(PIECE)

/**
 * The counts and sums of one column in all windows. Every addition keeps what it rounds away, so that a sum is that of its
 * numbers in any order, to the last bit, unless the exact one is as good as in the middle between two doubles.
 */
export class NumberTally {
  readonly #windows: number
  readonly #bins: number
  readonly #centre: number
  readonly #grid: BinGrid
  readonly #counts: Float64Array
  readonly #sums: CarriedSums
  readonly #squares: CarriedSums

  constructor({ edges, among = edges, centre }: NumberScan, windows: number) {
    const all = countedEdges(among)
    this.#grid = new BinGrid(edges.map((edge) => all[among.indexOf(edge)] ?? edge))
    this.#windows = windows
    this.#bins = edges.length + 1
    this.#centre = centre
    this.#counts = new Float64Array(windows * this.#bins)
    this.#sums = carriedSums(this.#counts.length)
    this.#squares = carriedSums(this.#counts.length)
  }

  add({ values, windows }: FiniteNumbers): void {
    for (let from = 0; from < values.length; from += PIECE)
      this.#add(values.subarray(from, from + PIECE), windows?.subarray(from, from + PIECE) ?? null)
  }

  #add(values: Float64Array, windows: Int32Array | null): void {
    this.#grid.place(values, places)
    const [bins, centre, counts] = [this.#bins, this.#centre, this.#counts]
    // Written out, since this runs for every value of every column.
    const { whole: sums, rest: sumRests } = this.#sums
    const { whole: squares, rest: squareRests } = this.#squares
    for (let row = 0; row < values.length; row += 1) {
      const at = (places[row] ?? 0) + (windows === null ? 0 : (windows[row] ?? 0) * bins)
      const distance = (values[row] ?? 0) - centre
      counts[at] = (counts[at] ?? 0) + 1
      const sum = sums[at] ?? 0
      const nextSum = sum + distance
      const added = nextSum - sum
      sums[at] = nextSum
      sumRests[at] = (sumRests[at] ?? 0) + (sum - (nextSum - added)) + (distance - added)
      const squared = distance * distance
      const square = squares[at] ?? 0
      const nextSquare = square + squared
      const addedSquare = nextSquare - square
      squares[at] = nextSquare
      squareRests[at] = (squareRests[at] ?? 0) + (square - (nextSquare - addedSquare)) + (squared - addedSquare)
    }
  }

  /** The counts of each window, with the rows of `numbers` that have no finite number. */
  windows(numbers: FiniteNumbers): readonly BinnedNumbers[] {
    return Array.from({ length: this.#windows }, (_, window) => this.#binned(window, numbers.unbinned(window)))
  }

  #binned(window: number, unbinned: Unbinned): BinnedNumbers {
    const [from, to] = [window * this.#bins, (window + 1) * this.#bins]
    const counts = Array.from(this.#counts.subarray(from, to))
    const finite = counts.reduce((sum, count) => sum + count, 0)
    const { nulls, nan, positiveInfinite, negativeInfinite } = unbinned
    return {
      rows: finite + nulls + nan + positiveInfinite + negativeInfinite,
      finite,
      ...unbinned,
      counts,
      sums: sumsOf(this.#sums, from, to),
      squares: sumsOf(this.#squares, from, to),
    }
  }
}

/** Sums, and what was rounded away from each. */
interface CarriedSums {
  readonly whole: Float64Array
  readonly rest: Float64Array
}

function carriedSums(length: number): CarriedSums {
  return { whole: new Float64Array(length), rest: new Float64Array(length) }
}

function sumsOf({ whole, rest }: CarriedSums, from: number, to: number): number[] {
  return Array.from(whole.subarray(from, to), (sum, bin) => {
    const exact = sum + (rest[from + bin] ?? 0)
    // A sum beyond the largest double has no rest.
    return Number.isNaN(exact) ? sum : exact
  })
}
