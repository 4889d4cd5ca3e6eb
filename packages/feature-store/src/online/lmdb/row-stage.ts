import { checkKey } from '../limits.ts'
import type { OnlineRow } from '../online-store.ts'

const TIME = 8

/** Rows copied side by side, ready for one transaction: for each its key, then time and value as they will be stored. */
export class RowStage {
  #bytes: Buffer<ArrayBuffer> = Buffer.from(new ArrayBuffer(4096))
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer)
  #ends: Uint32Array<ArrayBuffer> = new Uint32Array(64)
  #length = 0
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  /** Takes rows until it holds `maxRows` or about `maxBytes`; true when there may be more. */
  fill(table: string, source: Iterator<OnlineRow>, maxRows: number, maxBytes: number): boolean {
    this.#rows = 0
    this.#length = 0
    while (this.#rows < maxRows && this.#length < maxBytes) {
      const next = source.next()
      if (next.done === true) return false
      checkKey(table, next.value.key)
      this.#add(next.value)
    }
    return true
  }

  /** The key of a row; valid until the next fill. */
  key(row: number): Uint8Array {
    return this.#bytes.subarray(row === 0 ? 0 : this.#ends[row * 2 - 1], this.#ends[row * 2])
  }

  /** The time of a row. */
  time(row: number): bigint {
    return this.#view.getBigInt64(this.#ends[row * 2] ?? 0)
  }

  /** Time and value of a row as stored; valid until the next fill. */
  value(row: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[row * 2], this.#ends[row * 2 + 1])
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
