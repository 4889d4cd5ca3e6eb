import { checkKey } from '../limits.ts'
import type { OnlineRow } from '../online-store.ts'

const TIME = 8
const SAMPLE = 64
/** A row's number and four key bytes fit one double. */
export const MAX_STAGE_ROWS: number = 2 ** 20

/**
 * Rows copied side by side, ready for one transaction: for each its key, then time and value as they will be stored.
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

  clear(): void {
    this.#rows = 0
    this.#length = 0
  }

  /** Takes more rows until it holds `maxRows` or about `maxBytes`; true when there may be more. */
  fill(table: string, source: Iterator<OnlineRow>, maxRows: number, maxBytes: number): boolean {
    while (this.#rows < maxRows && this.#length < maxBytes) {
      const next = source.next()
      if (next.done === true) return false
      checkKey(table, next.value.key)
      this.#add(next.value)
    }
    return true
  }

  /** The key of a row; valid until the stage changes. */
  key(row: number): Uint8Array {
    return this.#bytes.subarray(row === 0 ? 0 : this.#ends[row * 2 - 1], this.#ends[row * 2])
  }

  /** The time of a row. */
  time(row: number): bigint {
    return this.#view.getBigInt64(this.#ends[row * 2] ?? 0)
  }

  /** Time and value of a row as stored; valid until the stage changes. */
  value(row: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[row * 2], this.#ends[row * 2 + 1])
  }

  /** Whether a sample of the keys is in order. */
  isOrdered(): boolean {
    for (let row = SAMPLE; row < this.#rows; row += SAMPLE)
      if (Buffer.compare(this.key(row - SAMPLE), this.key(row)) > 0) return false
    return true
  }

  /**
   * The rows in an order that is kind to the tree: by the four bytes behind what all keys have in common, then as
   * they came, so rows of one key keep their order.
   */
  order(): Float64Array {
    const shared = this.#sharedPrefix()
    const order = new Float64Array(this.#rows)
    for (let row = 0; row < order.length; row++) order[row] = this.#word(row, shared) * MAX_STAGE_ROWS + row
    order.sort()
    for (let place = 0; place < order.length; place++) order[place] = (order[place] ?? 0) % MAX_STAGE_ROWS
    return order
  }

  #sharedPrefix(): number {
    const first = this.key(0)
    let shared = first.length
    for (let row = 1; row < this.#rows && shared > 0; row++) {
      const start = this.#ends[row * 2 - 1] ?? 0
      const end = Math.min(shared, (this.#ends[row * 2] ?? 0) - start)
      let same = 0
      while (same < end && this.#bytes[start + same] === first[same]) same++
      shared = same
    }
    return shared
  }

  /** Four bytes of a key as a number, zeros behind its end. */
  #word(row: number, from: number): number {
    const start = (row === 0 ? 0 : (this.#ends[row * 2 - 1] ?? 0)) + from
    const left = (this.#ends[row * 2] ?? 0) - start
    const word = this.#view.getUint32(start)
    return left >= 4 ? word : left <= 0 ? 0 : Math.floor(word / 2 ** (32 - 8 * left)) * 2 ** (32 - 8 * left)
  }

  #add({ key, time, value }: OnlineRow): void {
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

  #grow(needed: number): void {
    const bytes = Buffer.from(new ArrayBuffer(Math.max(needed, this.#bytes.length * 2)))
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}
