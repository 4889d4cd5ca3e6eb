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
 * What is kept of each bin, side by side, so that a number finds all of it in one place: the count, the sum of distances from the
 * centre and of their squares, and what was rounded away from either sum.
 */
const COUNT = 0
const SUM = 1
const SUM_REST = 2
const SQUARE = 3
const SQUARE_REST = 4
const FIELDS = 5

/**
 * The counts and sums of one column in all windows. Every addition keeps what it rounds away, so that a sum is that of its
 * numbers in any order, to the last bit, unless the exact one is as good as in the middle between two doubles.
 */
export class NumberTally {
  readonly #windows: number
  readonly #bins: number
  readonly #centre: number
  readonly #grid: BinGrid
  readonly #fields: Float64Array

  constructor({ edges, among = edges, centre }: NumberScan, windows: number) {
    const all = countedEdges(among)
    this.#grid = new BinGrid(edges.map((edge) => all[among.indexOf(edge)] ?? edge))
    this.#windows = windows
    this.#bins = edges.length + 1
    this.#centre = centre
    this.#fields = new Float64Array(windows * this.#bins * FIELDS)
  }

  add({ values, windows }: FiniteNumbers): void {
    for (let from = 0; from < values.length; from += PIECE)
      this.#add(values.subarray(from, from + PIECE), windows?.subarray(from, from + PIECE) ?? null)
  }

  #add(values: Float64Array, windows: Int32Array | null): void {
    this.#grid.place(values, places)
    if (windows !== null) moveToWindows(places, windows, this.#bins)
    addUp(values, places, this.#centre, this.#fields)
  }

  /** The counts of each window, with the rows of `numbers` that have no finite number. */
  windows(numbers: FiniteNumbers): readonly BinnedNumbers[] {
    return Array.from({ length: this.#windows }, (_, window) => this.#binned(window, numbers.unbinned(window)))
  }

  #binned(window: number, unbinned: Unbinned): BinnedNumbers {
    const each = (read: (at: number) => number): number[] =>
      Array.from({ length: this.#bins }, (_, bin) => read(FIELDS * (window * this.#bins + bin)))
    const counts = each((at) => this.#fields[at + COUNT] ?? 0)
    const finite = counts.reduce((sum, count) => sum + count, 0)
    const { nulls, nan, positiveInfinite, negativeInfinite } = unbinned
    return {
      rows: finite + nulls + nan + positiveInfinite + negativeInfinite,
      finite,
      ...unbinned,
      counts,
      sums: each((at) => exact(this.#fields[at + SUM] ?? 0, this.#fields[at + SUM_REST] ?? 0)),
      squares: each((at) => exact(this.#fields[at + SQUARE] ?? 0, this.#fields[at + SQUARE_REST] ?? 0)),
    }
  }
}

/** A sum with what was rounded away from it. */
function exact(sum: number, rest: number): number {
  const whole = sum + rest
  // A sum beyond the largest double has no rest.
  return Number.isNaN(whole) ? sum : whole
}

/** Makes bins of one window those of all. */
function moveToWindows(bins: Int32Array, windows: Int32Array, binsOfWindow: number): void {
  for (let row = 0; row < windows.length; row += 1) bins[row] = (bins[row] ?? 0) + (windows[row] ?? 0) * binsOfWindow
}

/** Written out, since this runs for every value of every column. */
function addUp(values: Float64Array, bins: Int32Array, centre: number, fields: Float64Array): void {
  for (let row = 0; row < values.length; row += 1) {
    const at = FIELDS * (bins[row] ?? 0)
    const distance = (values[row] ?? 0) - centre
    fields[at + COUNT] = (fields[at + COUNT] ?? 0) + 1
    const sum = fields[at + SUM] ?? 0
    const nextSum = sum + distance
    const added = nextSum - sum
    fields[at + SUM] = nextSum
    fields[at + SUM_REST] = (fields[at + SUM_REST] ?? 0) + (sum - (nextSum - added)) + (distance - added)
    const squared = distance * distance
    const square = fields[at + SQUARE] ?? 0
    const nextSquare = square + squared
    const addedSquare = nextSquare - square
    fields[at + SQUARE] = nextSquare
    fields[at + SQUARE_REST] =
      (fields[at + SQUARE_REST] ?? 0) + (square - (nextSquare - addedSquare)) + (squared - addedSquare)
  }
}
