import type { AnswerMemory, LentBytes } from './answer-memory.ts'
import { AnswerText } from './answer-text.ts'

/** Bytes of memory that are kept between answers; what one large answer needed beyond that is released. */
const KEPT_BYTES = 4_194_304
/** Bytes from which copying an answer takes more than lending its memory. */
const LONG_BYTES = 65_536
const FIRST_BYTES = 65_536
/** Bytes up to which an answer is sent in one piece with its head. */
const SHORT_BYTES = 16_384

/**
 * JSON text that is built as UTF-8 bytes. This is faster than joining strings: thousands of small pieces are written
 * in place and leave nothing to the garbage collector.
 */
export class JsonBytes {
  #bytes: Buffer<ArrayBuffer>
  #length = 0
  readonly #memory: AnswerMemory | undefined

  /** @param memory what is lent comes from there */
  constructor(size: number = FIRST_BYTES, memory?: AnswerMemory) {
    this.#bytes = Buffer.allocUnsafeSlow(size)
    this.#memory = memory
  }

  /** Discards what was written, such as half an answer. */
  clear(): void {
    this.#length = 0
    this.#shrink()
  }

  /** What was written since the last call, in memory of its own. */
  take(): Buffer<ArrayBuffer> {
    const taken = Buffer.allocUnsafe(this.#length)
    this.#bytes.copy(taken, 0, 0, this.#length)
    this.#length = 0
    this.#shrink()
    return taken
  }

  /** What was written since the last call. A long text is not copied: whoever has sent it gives its memory back. */
  lend(): AnswerText | Buffer<ArrayBuffer> | LentBytes {
    if (this.#length <= SHORT_BYTES) {
      const text = new AnswerText(this.#bytes.toString('latin1', 0, this.#length))
      this.clear()
      return text
    }
    // Memory that is mostly unused would be held for as long as a slow reader takes.
    if (this.#memory === undefined || this.#length < LONG_BYTES || this.#length * 2 < this.#bytes.length)
      return this.take()
    const lent = this.#memory.lend(this.#bytes, this.#length)
    this.#bytes = this.#memory.take(FIRST_BYTES)
    this.#length = 0
    return lent
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** The memory that is written into; more writing may replace it. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Takes back what was written behind a place. */
  truncate(length: number): void {
    this.#length = length
  }

  /** Part of another buffer. */
  copy(source: Buffer, start: number, end: number): void {
    const bytes = this.#reserve(end - start)
    if (end - start < 16) for (let at = this.#length, from = start; from < end; from++) bytes[at++] = source[from] ?? 0
    else source.copy(bytes, this.#length, start, end)
    this.#length += end - start
  }

  /** A hash of what was written in between: FNV-1a. */
  hash(start: number, end: number = this.#length): number {
    const bytes = this.#bytes
    let hash = 0x811c9dc5 | 0
    for (let index = start; index < end; index++) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193)
    return hash ^ (hash >>> 15)
  }

  #shrink(): void {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(65_536)
  }

  /** Bytes prepared earlier, such as a quoted name with its colon. */
  raw(piece: Uint8Array): void {
    const size = piece.length
    const bytes = this.#reserve(size)
    const start = this.#length
    if (size > 64) bytes.set(piece, start)
    else for (let index = 0; index < size; index++) bytes[start + index] = piece[index] ?? 0
    this.#length = start + size
  }

  /** Text that is already JSON. */
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

  /** A string value, quoted and escaped. */
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

  /** A number as `JSON.stringify` writes it: `null` unless it is finite. */
  number(value: number): void {
    if ((value | 0) === value) return this.#integer(value)
    // With at most three decimals and ten digits, no shorter text stands for the same double, so String would print this too.
    const thousandths = Math.round(value * 1000)
    if ((thousandths | 0) === thousandths && thousandths / 1000 === value) return this.#decimal(thousandths)
    // String() caches every text it makes, and the cache misses cost more than the text itself.
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

  #reserve(more: number): Buffer<ArrayBuffer> {
    const needed = this.#length + more
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    return this.#bytes
  }
}

/** The number of digits of a whole number from 0 to 2^31. */
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
