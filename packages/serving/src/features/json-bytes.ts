import { isAscii } from 'node:buffer'

/**
 * JSON text being built as UTF-8 bytes. Faster than joining strings: thousands of small pieces are written in place
 * and nothing is left for the garbage collector.
 */
export class JsonBytes {
  #bytes: Buffer
  #length = 0

  constructor(size = 65_536) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
  }

  /** Forgets what was written, such as by an answer that failed half way. */
  clear(): void {
    this.#length = 0
    this.#shrink()
  }

  /** The text written since the last call; the memory is used again. */
  take(): string {
    const written = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    const text = isAscii(written) ? written.toString('latin1') : written.toString('utf8')
    this.#shrink()
    return text
  }

  /** What one large answer needed is not kept for small ones. */
  #shrink(): void {
    if (this.#bytes.length > 4_194_304) this.#bytes = Buffer.allocUnsafeSlow(65_536)
  }

  /** Bytes made before, such as a quoted name with its colon. */
  raw(piece: Uint8Array): void {
    const size = piece.length
    const bytes = this.#reserve(size)
    const start = this.#length
    if (size > 64) bytes.set(piece, start)
    else for (let index = 0; index < size; index++) bytes[start + index] = piece[index] ?? 0
    this.#length = start + size
  }

  /** Text that is JSON already. */
  json(text: string): void {
    const size = text.length
    const bytes = this.#reserve(size * 3)
    const start = this.#length
    for (let index = 0; index < size; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f || index === 64) {
        this.#length = start + bytes.write(text, start)
        return
      }
      bytes[start + index] = code
    }
    this.#length = start + size
  }

  /** A string value, quoted, and escaped where it must be. */
  string(text: string): void {
    const size = text.length
    const bytes = this.#reserve(size + 2)
    const start = this.#length + 1
    for (let index = 0; index < size; index++) {
      const code = text.charCodeAt(index)
      if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return this.json(JSON.stringify(text))
      bytes[start + index] = code
    }
    bytes[start - 1] = 0x22
    bytes[start + size] = 0x22
    this.#length = start + size + 1
  }

  /** A number as `JSON.stringify` writes it: null unless it is finite. */
  number(value: number): void {
    if ((value | 0) === value) return this.#integer(value)
    // Up to three decimals and ten digits in all: no shorter text stands for the same double, so this is what String would give.
    const thousandths = Math.round(value * 1000)
    if ((thousandths | 0) === thousandths && thousandths / 1000 === value) return this.#decimal(thousandths)
    // Not String: that keeps every text it makes in a cache, and the misses cost more than the text.
    this.json(JSON.stringify(value))
  }

  #integer(value: number): void {
    const bytes = this.#reserve(11)
    let rest = value
    if (rest < 0) {
      bytes[this.#length++] = 0x2d
      rest = -rest
    }
    const end = this.#length + digits(rest)
    this.#length = end
    let at = end
    do {
      const next = Math.trunc(rest / 10)
      bytes[--at] = 0x30 + rest - next * 10
      rest = next
    } while (rest > 0)
  }

  #decimal(thousandths: number): void {
    if (thousandths < 0) this.#reserve(1)[this.#length++] = 0x2d
    const positive = Math.abs(thousandths)
    const whole = Math.trunc(positive / 1000)
    this.#integer(whole)
    const bytes = this.#reserve(4)
    bytes[this.#length++] = 0x2e
    for (let rest = positive - whole * 1000, unit = 100; rest > 0; unit /= 10) {
      const digit = Math.trunc(rest / unit)
      bytes[this.#length++] = 0x30 + digit
      rest -= digit * unit
    }
  }

  #reserve(more: number): Buffer {
    const needed = this.#length + more
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** Buffers that answers are built in. */
export interface JsonBuffers {
  /** For what is built from start to end without giving way to other requests. */
  readonly shared: JsonBytes
  /** One for an answer that is built in steps; given back by whoever borrowed it. */
  borrow(): JsonBytes
  giveBack(buffer: JsonBytes): void
}

/** Keeps a few buffers, so that large answers do not each grow one of their own. */
export function jsonBuffers(kept = 4): JsonBuffers {
  const idle: JsonBytes[] = []
  return {
    shared: new JsonBytes(),
    borrow: () => idle.pop() ?? new JsonBytes(),
    giveBack(buffer) {
      buffer.clear()
      if (idle.length < kept) idle.push(buffer)
    },
  }
}

/** Of a whole number from 0 to 2^31. */
function digits(value: number): number {
  if (value < 10) return 1
  if (value < 100) return 2
  if (value < 1000) return 3
  if (value < 10_000) return 4
  if (value < 100_000) return 5
  if (value < 1_000_000) return 6
  if (value < 10_000_000) return 7
  if (value < 100_000_000) return 8
  return value < 1_000_000_000 ? 9 : 10
}
