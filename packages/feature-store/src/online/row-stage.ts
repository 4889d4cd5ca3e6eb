import type { OnlineRow } from './online-store.ts'

const TIME = 8
/** About how many keys are compared to see whether rows come in order. */
const SAMPLES = 2048
/** A row's number and four key bytes fit one double. */
export const MAX_STAGE_ROWS: number = 2 ** 20

/**
 * Rows copied side by side, ready to be written: for each its key, then time and value.
 */
export class RowStage {
  #bytes: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(4096))
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer)
  #ends: Uint32Array<ArrayBuffer> = new Uint32Array(64)
  #length = 0
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  /** Bytes of all rows. */
  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#rows = 0
    this.#length = 0
  }

  /** Copies a row behind the others. */
  add({ key, time, value }: OnlineRow): void {
    const keyEnd = this.#length + key.length
    const end = keyEnd + TIME + value.length
    if (end > this.#bytes.length) this.#grow(end)
    this.#bytes.set(key, this.#length)
    this.#view.setBigInt64(keyEnd, time)
    this.#bytes.set(value, keyEnd + TIME)
    if (this.#rows * 2 + 2 > this.#ends.length) {
      const ends = new Uint32Array(this.#ends.length * 2)
      ends.set(this.#ends)
      this.#ends = ends
    }
    this.#ends[this.#rows * 2] = keyEnd
    this.#ends[this.#rows * 2 + 1] = end
    this.#length = end
    this.#rows++
  }

  /** The key of a row; valid until the stage changes. */
  key(row: number): Uint8Array {
    return this.#bytes.subarray(this.#start(row), this.#ends[row * 2])
  }

  /** The time of a row. */
  time(row: number): bigint {
    return this.#view.getBigInt64(this.#ends[row * 2] ?? 0)
  }

  /** Eight bytes of time, big-endian, and the value of a row; valid until the stage changes. */
  timeAndValue(row: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[row * 2], this.#ends[row * 2 + 1])
  }

  /** Whether a sample of the keys is in order; of few rows, all are looked at. */
  isOrdered(): boolean {
    const step = Math.max(1, Math.floor(this.#rows / SAMPLES))
    for (let row = step; row < this.#rows; row += step)
      if (Buffer.compare(this.key(row - step), this.key(row)) > 0) return false
    return true
  }

  /** The rows by key, as `order` says. */
  *byKey(): Generator<OnlineRow, void, undefined> {
    const order = this.isOrdered() ? undefined : this.order()
    for (let place = 0; place < this.#rows; place++) {
      const row = order?.[place] ?? place
      const timeAndValue = this.timeAndValue(row)
      yield { key: this.key(row), time: this.time(row), value: timeAndValue.subarray(TIME) }
    }
  }

  /**
   * The numbers of the rows by key; rows of one key as they came, and so are keys that differ only in zeros at the end.
   */
  order(): Float64Array {
    const order = new Float64Array(this.#rows)
    for (let row = 0; row < order.length; row++) order[row] = row
    this.#sort(order, this.#sharedPrefix(), this.#longestKey())
    return order
  }

  /** Sorts rows whose keys are equal before `from`: by the next four bytes, then each run of equal ones by the rest. */
  #sort(rows: Float64Array, from: number, longest: number): void {
    if (rows.length < 2 || from >= longest) return
    for (let place = 0; place < rows.length; place++) {
      const row = rows[place] ?? 0
      rows[place] = this.#word(row, from) * MAX_STAGE_ROWS + row
    }
    rows.sort()
    let begin = 0
    let word = -1
    for (let place = 0; place <= rows.length; place++) {
      const next = place === rows.length ? -1 : Math.floor((rows[place] ?? 0) / MAX_STAGE_ROWS)
      if (place < rows.length) rows[place] = (rows[place] ?? 0) % MAX_STAGE_ROWS
      if (next === word) continue
      if (place - begin > 1) this.#sort(rows.subarray(begin, place), from + 4, longest)
      begin = place
      word = next
    }
  }

  #start(row: number): number {
    return row === 0 ? 0 : (this.#ends[row * 2 - 1] ?? 0)
  }

  #longestKey(): number {
    let longest = 0
    for (let row = 0; row < this.#rows; row++)
      longest = Math.max(longest, (this.#ends[row * 2] ?? 0) - this.#start(row))
    return longest
  }

  #sharedPrefix(): number {
    const first = this.key(0)
    let shared = first.length
    for (let row = 1; row < this.#rows && shared > 0; row++) {
      const start = this.#start(row)
      const end = Math.min(shared, (this.#ends[row * 2] ?? 0) - start)
      let same = 0
      while (same < end && this.#bytes[start + same] === first[same]) same++
      shared = same
    }
    return shared
  }

  /** Four bytes of a key as a number, zeros behind its end. */
  #word(row: number, from: number): number {
    const start = this.#start(row) + from
    const left = (this.#ends[row * 2] ?? 0) - start
    if (left <= 0) return 0
    const word = this.#view.getUint32(start)
    return left >= 4 ? word : Math.floor(word / 2 ** (32 - 8 * left)) * 2 ** (32 - 8 * left)
  }

  #grow(needed: number): void {
    const bytes = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
