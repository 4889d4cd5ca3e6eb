import type { StoredRow } from '../online-store.ts'

const TIME = 8

/** Keeps the rows of one read side by side: LMDB's own buffer is overwritten by the next get. */
export class RowArena {
  #bytes: Buffer = Buffer.alloc(0)
  #used = 0
  #chunk = 512

  /** Copies a stored row, which is 8 bytes of time and the value. `stored.length` counts, not its byteLength. */
  keep(stored: Buffer): StoredRow {
    const length = stored.length - TIME
    if (this.#used + length > this.#bytes.length) {
      this.#chunk = Math.min(this.#chunk * 2, 65_536)
      this.#bytes = Buffer.allocUnsafe(Math.max(this.#chunk, length))
      this.#used = 0
    }
    const start = this.#used
    this.#used += length
    stored.copy(this.#bytes, start, TIME, TIME + length)
    return { time: stored.readBigInt64BE(0), value: this.#bytes.subarray(start, this.#used) }
  }
}
