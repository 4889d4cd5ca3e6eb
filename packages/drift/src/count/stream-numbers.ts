import { sql, type ColumnVector, type Warehouse } from '@martlet/warehouse'
import type { BinnedNumbers } from './binned-column.ts'
import { BinGrid, NO_BIN } from './bin-grid.ts'
import { countedEdges } from './counted-edges.ts'
import type { NumberScan } from './scan-numbers.ts'
import type { OpenSource } from './scan-source.ts'
import { doublesOf, STREAMED_ROWS, streamedNumber } from './streamed-numbers.ts'

/** The most columns per statement. */
const MOST_COLUMNS = 64
/** Bins of all windows and columns of a statement, of three numbers each. */
const MOST_BINS = 3_000_000

/**
 * Counts number columns on their edges in all windows, as `countNumbers` does, for an engine of this process: the columns
 * are streamed, and each number is counted here. Finding its bin costs a few nanoseconds, and as SQL ten times as much.
 */
export async function streamNumbers(
  warehouse: Warehouse,
  source: OpenSource,
  columns: readonly NumberScan[],
): Promise<readonly (readonly BinnedNumbers[])[]> {
  const widest = Math.max(1, ...columns.map(({ edges }) => edges.length + 1))
  const atOnce = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(MOST_BINS / (widest * Math.max(1, source.windows)))))
  const found: (readonly BinnedNumbers[])[] = []
  for (let start = 0; start < columns.length; start += atOnce) {
    const some = columns.slice(start, start + atOnce)
    const values = some.map(
      ({ name, type, origin }, index) =>
        sql`${streamedNumber(warehouse.leaves, type, sql.id(name), origin)} AS ${sql.id(`v${index}`)}`,
    )
    const tallies = some.map((column) => new Tally(column, source.windows))
    let bins = new Int32Array()
    for await (const { columns: vectors, rows } of warehouse.stream(source.select(values), {
      batchRows: STREAMED_ROWS,
    })) {
      const windows = windowsOf(vectors[0], rows, source)
      if (bins.length < rows) bins = new Int32Array(rows)
      for (const [index, tally] of tallies.entries()) {
        const vector = vectors[index + 1]
        tally.add(doublesOf(vector), vector?.nulls ?? null, windows, bins)
      }
    }
    found.push(...tallies.map((tally) => tally.binned()))
  }
  return found
}

/** The window of each row; −1 where it is in none. */
function windowsOf(vector: ColumnVector | undefined, rows: number, source: OpenSource): Int32Array {
  const windows = new Int32Array(rows)
  const numbers: ArrayLike<unknown> = vector?.values ?? []
  let last: unknown
  let window = -1
  for (let row = 0; row < rows; row += 1) {
    const number = vector?.nulls?.[row] === 1 ? -1 : numbers[row]
    if (number !== last) {
      window = source.indexOf(Number(number)) ?? -1
      last = number
    }
    windows[row] = window
  }
  return windows
}

/** Kinds of rows without a bin. */
const MARKS = 4

/** The counts of one column in all windows. */
class Tally {
  readonly #windows: number
  readonly #bins: number
  readonly #centre: number
  readonly #grid: BinGrid
  readonly #counts: Float64Array
  readonly #sums: Float64Array
  readonly #squares: Float64Array
  /** Null, NaN, ∞ and −∞. */
  readonly #marks: Float64Array

  constructor({ edges, among = edges, centre }: NumberScan, windows: number) {
    const all = countedEdges(among)
    this.#grid = new BinGrid(edges.map((edge) => all[among.indexOf(edge)] ?? edge))
    this.#windows = windows
    this.#bins = edges.length + 1
    this.#centre = centre
    this.#counts = new Float64Array(windows * this.#bins)
    this.#sums = new Float64Array(windows * this.#bins)
    this.#squares = new Float64Array(windows * this.#bins)
    this.#marks = new Float64Array(windows * MARKS)
  }

  add(numbers: Float64Array, nulls: Uint8Array | null, windows: Int32Array, places: Int32Array): void {
    this.#grid.place(numbers, nulls, places)
    const [bins, centre] = [this.#bins, this.#centre]
    const [counts, sums, squares, marks] = [this.#counts, this.#sums, this.#squares, this.#marks]
    for (let row = 0; row < numbers.length; row += 1) {
      const window = windows[row] ?? -1
      const bin = places[row] ?? 0
      if (window < 0) continue
      const value = numbers[row] ?? 0
      if (bin === NO_BIN) {
        const at = window * MARKS + (nulls?.[row] === 1 ? 0 : Number.isNaN(value) ? 1 : value > 0 ? 2 : 3)
        marks[at] = (marks[at] ?? 0) + 1
        continue
      }
      const at = window * bins + bin
      const distance = value - centre
      counts[at] = (counts[at] ?? 0) + 1
      sums[at] = (sums[at] ?? 0) + distance
      squares[at] = (squares[at] ?? 0) + distance * distance
    }
  }

  binned(): readonly BinnedNumbers[] {
    return Array.from({ length: this.#windows }, (_, window): BinnedNumbers => {
      const of = (numbers: Float64Array): number[] =>
        Array.from(numbers.subarray(window * this.#bins, (window + 1) * this.#bins))
      const [nulls = 0, nan = 0, positiveInfinite = 0, negativeInfinite = 0] = this.#marks.subarray(
        window * MARKS,
        (window + 1) * MARKS,
      )
      const counts = of(this.#counts)
      const finite = counts.reduce((sum, count) => sum + count, 0)
      return {
        rows: finite + nulls + nan + positiveInfinite + negativeInfinite,
        nulls,
        nan,
        positiveInfinite,
        negativeInfinite,
        finite,
        counts,
        sums: of(this.#sums),
        squares: of(this.#squares),
      }
    })
  }
}
