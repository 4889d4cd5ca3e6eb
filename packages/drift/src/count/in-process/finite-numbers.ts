import { sql, type ColumnType, type ColumnVector, type Leaves, type Sql } from '@martlet/warehouse'
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
  readonly #marks: Float64Array
  #values: Float64Array
  #windows: Int32Array | null
  #length = 0

  /** @param room for so many numbers; it grows when there are more */
  constructor(windows: number, room: number) {
    this.#marks = new Float64Array(windows * MARKS)
    this.#values = new Float64Array(room)
    this.#windows = windows > 1 ? new Int32Array(room) : null
  }

  get values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }

  /** The window of each number; null: all are in the first. */
  get windows(): Int32Array | null {
    return this.#windows?.subarray(0, this.#length) ?? null
  }

  /** Adds rows of a streamed column. `windows` has the window of each, −1 for rows in none; null: all are in the first. */
  add(vector: ColumnVector | undefined, windows: Int32Array | null): void {
    if (vector?.type !== 'double')
      throw new TypeError(`a streamed number is a double, not ${JSON.stringify(vector?.type)}`)
    const { values: numbers, nulls } = vector
    this.#makeRoom(this.#length + numbers.length)
    const [values, kept, marks] = [this.#values, this.#windows, this.#marks]
    let length = this.#length
    for (let row = 0; row < numbers.length; row += 1) {
      const value = numbers[row] ?? 0
      const window = windows === null ? 0 : (windows[row] ?? -1)
      if (window < 0) continue
      const isNull = nulls !== null && nulls[row] === 1
      if (isNull || value - value !== 0) {
        const at = window * MARKS + (isNull ? 0 : Number.isNaN(value) ? 1 : value > 0 ? 2 : 3)
        marks[at] = (marks[at] ?? 0) + 1
        continue
      }
      values[length] = value
      if (kept !== null) kept[length] = window
      length += 1
    }
    this.#length = length
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

  #makeRoom(needed: number): void {
    if (needed <= this.#values.length) return
    const room = Math.max(needed, 2 * this.#values.length)
    const [values, windows] = [this.values, this.windows]
    this.#values = new Float64Array(room)
    this.#values.set(values)
    if (windows === null) return
    this.#windows = new Int32Array(room)
    this.#windows.set(windows)
  }
}
