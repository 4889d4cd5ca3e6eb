import type { BinnedNumbers } from '../binned-column.ts'
import { countedEdges } from '../counted-edges.ts'
import type { NumberScan } from '../scan-numbers.ts'
import { BIN_BYTES, COUNT, SQUARE, SQUARE_REST, SUM, SUM_REST } from '../../kernels/add-up.ts'
import type { Workbench } from '../../kernels/workbench.ts'
import { BinGrid } from './bin-grid.ts'
import type { FiniteNumbers, Unbinned } from './finite-numbers.ts'

/** Numbers at a time, so that their bins are still near the processor when they are added up. */
const PIECE = 2048

/**
 * The counts and sums of one column in all windows. Every addition keeps what it rounds away, so that a sum is that of its
 * numbers in any order, to the last bit, unless the exact one is as good as in the middle between two doubles.
 */
export class NumberTally {
  readonly #bench: Workbench
  readonly #windows: number
  readonly #bins: number
  readonly #centre: number
  readonly #grid: BinGrid
  readonly #fields: number

  constructor(bench: Workbench, { edges, among = edges, centre }: NumberScan, windows: number) {
    const all = countedEdges(among)
    this.#bench = bench
    this.#grid = new BinGrid(
      bench,
      edges.map((edge) => all[among.indexOf(edge)] ?? edge),
    )
    this.#windows = windows
    this.#bins = edges.length + 1
    this.#centre = centre
    const bytes = windows * this.#bins * BIN_BYTES
    this.#fields = bench.take(bytes)
    bench.bytes.fill(0, this.#fields, this.#fields + bytes)
  }

  add({ at, windowsAt, length }: FiniteNumbers): void {
    const { run } = this.#bench
    this.#bench.borrow(() => {
      const bins = this.#bench.take(4 * PIECE)
      for (let from = 0; from < length; from += PIECE) {
        const count = Math.min(PIECE, length - from)
        const numbers = at + 8 * from
        this.#grid.place(numbers, count, bins)
        if (windowsAt !== null) run.moveToWindows(bins, bins + 4 * count, windowsAt + 4 * from, this.#bins)
        run.addUp(numbers, numbers + 8 * count, bins, this.#fields, this.#centre)
      }
    })
  }

  /** The counts of each window, with the rows of `numbers` that have no finite number. */
  windows(numbers: FiniteNumbers): readonly BinnedNumbers[] {
    return Array.from({ length: this.#windows }, (_, window) => this.#binned(window, numbers.unbinned(window)))
  }

  #binned(window: number, unbinned: Unbinned): BinnedNumbers {
    const doubles = this.#bench.doublesAt(this.#fields + window * this.#bins * BIN_BYTES, (this.#bins * BIN_BYTES) / 8)
    const each = (field: number, rest?: number): number[] =>
      Array.from({ length: this.#bins }, (_, bin) => {
        const at = (of: number): number => doubles[(bin * BIN_BYTES + of) / 8] ?? 0
        return rest === undefined ? at(field) : exact(at(field), at(rest))
      })
    const counts = each(COUNT)
    const finite = counts.reduce((sum, count) => sum + count, 0)
    const { nulls, nan, positiveInfinite, negativeInfinite } = unbinned
    return {
      rows: finite + nulls + nan + positiveInfinite + negativeInfinite,
      finite,
      ...unbinned,
      counts,
      sums: each(SUM, SUM_REST),
      squares: each(SQUARE, SQUARE_REST),
    }
  }
}

/** A sum with what was rounded away from it. */
function exact(sum: number, rest: number): number {
  const whole = sum + rest
  // A sum beyond the largest double has no rest.
  return Number.isNaN(whole) ? sum : whole
}
