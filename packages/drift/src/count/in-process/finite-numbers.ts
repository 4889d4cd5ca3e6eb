import { sql, type ColumnType, type ColumnVector, type Leaves, type Sql } from '@martlet/warehouse'
import type { Workbench } from '../../kernels/workbench.ts'
import { measuredColumn } from '../measured-column.ts'

/** A number column as this process reads it: doubles, of which some may not be finite. */
export function doublesSql(leaves: Leaves, type: ColumnType, column: Sql, origin: string | null): Sql {
  if (type === 'double' && origin === null) return sql`CAST(${column} AS ${leaves.columnType('double')})`
  return measuredColumn(leaves, type, column, origin).value
}

/** How many rows of a window have no finite number. */
export interface Unbinned {
  readonly nulls: number
  readonly nan: number
  readonly positiveInfinite: number
  readonly negativeInfinite: number
}

/** The kinds of {@link Unbinned}, in this order. */
const MARKS = 4

/** The finite numbers of a column and the window of each; rows without a finite number are only counted. */
export class FiniteNumbers {
  readonly #bench: Workbench
  readonly #marks: Float64Array
  readonly #hasWindows: boolean
  #room: number
  #values: number
  #windows: number
  #length = 0

  /** @param room for so many numbers; it grows when there are more */
  constructor(bench: Workbench, windows: number, room: number) {
    this.#bench = bench
    this.#marks = new Float64Array(windows * MARKS)
    this.#hasWindows = windows > 1
    this.#room = room
    this.#values = this.#takeValues()
    this.#windows = this.#takeWindows()
  }

  /** The address of the numbers. One more may be read. */
  get at(): number {
    return this.#values
  }

  /** The address of the window of each number, in 32 bits; null: all are in the first. */
  get windowsAt(): number | null {
    return this.#hasWindows ? this.#windows : null
  }

  get length(): number {
    return this.#length
  }

  /** Adds rows of a streamed column. `windows` has the window of each, −1 for rows in none; null: all are in the first. */
  add(vector: ColumnVector | undefined, windows: Int32Array | null): void {
    if (vector?.type !== 'double')
      throw new TypeError(`a streamed number is a double, not ${JSON.stringify(vector?.type)}`)
    const { values, nulls } = vector
    this.#makeRoom(this.#length + values.length)
    const at = this.#values + 8 * this.#length
    this.#bench.doubles.set(values, at / 8)
    const isPlain = nulls === null && windows === null && !this.#hasWindows
    if (isPlain && this.#bench.run.areFinite(at, at + 8 * values.length) === 1) {
      this.#length += values.length
      return
    }
    const kept = this.#keep(at, values.length, nulls, windows)
    this.#length += kept
    if (kept < values.length) this.#count(values, nulls, windows)
  }

  unbinned(window: number): Unbinned {
    const [nulls = 0, nan = 0, positiveInfinite = 0, negativeInfinite = 0] = this.#marks.subarray(window * MARKS)
    return { nulls, nan, positiveInfinite, negativeInfinite }
  }

  /** Forgets the numbers, but not how many rows had none. */
  forgetNumbers(): void {
    this.#length = 0
  }

  /** Forgets all. */
  clear(): void {
    this.#length = 0
    this.#marks.fill(0)
  }

  /** Moves finite numbers of rows in a window to the front of some at an address; how many they are. */
  #keep(at: number, rows: number, nulls: Uint8Array | null, windows: Int32Array | null): number {
    const bench = this.#bench
    return bench.borrow(() => {
      const [nullsAt, windowsAt] = [bench.take(rows), bench.take(4 * rows)]
      if (nulls === null) bench.bytes.fill(0, nullsAt, nullsAt + rows)
      else bench.bytes.set(nulls, nullsAt)
      if (windows === null) bench.bytes.fill(0, windowsAt, windowsAt + 4 * rows)
      else bench.integersAt(windowsAt, rows).set(windows)
      const keptWindows = this.#hasWindows ? this.#windows + 4 * this.#length : windowsAt
      const end = bench.run.keepFinite(at, at + 8 * rows, nullsAt, windowsAt, keptWindows)
      return ((end >>> 0) - at) / 8
    })
  }

  /** Counts the rows of a window that have no finite number. */
  #count(values: Float64Array, nulls: Uint8Array | null, windows: Int32Array | null): void {
    const marks = this.#marks
    for (let row = 0; row < values.length; row += 1) {
      const value = values[row] ?? 0
      const isNull = nulls !== null && nulls[row] === 1
      const window = windows === null ? 0 : (windows[row] ?? -1)
      if (window < 0 || (!isNull && value - value === 0)) continue
      const at = window * MARKS + (isNull ? 0 : Number.isNaN(value) ? 1 : value > 0 ? 2 : 3)
      marks[at] = (marks[at] ?? 0) + 1
    }
  }

  #makeRoom(needed: number): void {
    if (needed <= this.#room) return
    this.#room = Math.max(needed, 2 * this.#room)
    const [values, windows] = [this.#values, this.#windows]
    this.#values = this.#takeValues()
    this.#windows = this.#takeWindows()
    this.#bench.bytes.copyWithin(this.#values, values, values + 8 * this.#length)
    if (this.#hasWindows) this.#bench.bytes.copyWithin(this.#windows, windows, windows + 4 * this.#length)
  }

  #takeValues(): number {
    return this.#bench.take(8 * (this.#room + 1))
  }

  #takeWindows(): number {
    return this.#hasWindows ? this.#bench.take(4 * this.#room) : 0
  }
}
