import type { LineShape } from './line-shape.ts'

/** What a value of a line is, by its first byte; the numbers are those of {@link LineTokens.kinds}. */
export const TOKEN = {
  null: 0,
  true: 1,
  false: 2,
  /** A number of at most 16 digits, in {@link LineTokens.numbers}. */
  number: 3,
  /** Any other number: its digits say it. */
  digits: 4,
  /** A text of ASCII without escapes: its bytes are its characters. */
  plain: 5,
  text: 6,
} as const

const [QUOTE, BACKSLASH, COLON, MINUS, DOT, ZERO, NINE] = [34, 92, 58, 45, 46, 48, 57]
const LITERALS: ReadonlyMap<number, { readonly kind: number; readonly bytes: Buffer }> = new Map(
  (
    [
      ['null', TOKEN.null],
      ['true', TOKEN.true],
      ['false', TOKEN.false],
    ] as const
  ).map(([word, kind]) => [word.charCodeAt(0), { kind, bytes: Buffer.from(word) }]),
)
/** What may be behind a backslash; `\\u` is left to the slow way. */
const ESCAPED: ReadonlySet<number> = new Set(Buffer.from('"\\\\/bfnrt'))
/** ASCII that stands for itself in a text. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 127 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)
/** Powers of ten that doubles hold exactly: a whole number below 2⁵³ divided by one of them is rounded once, as JSON's is. */
const TENS = Float64Array.from({ length: 23 }, (_, power) => 10 ** power)
const FNV_START = 0x811c9dc5
const FNV_PRIME = 16_777_619

/**
 * The values of one line of JSON as places in its bytes. It does not know whether the line is JSON: that follows when what is
 * between the values is the same as in a line that is.
 */
export class LineTokens {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  count = 0
  /** Of what is between the values. */
  hash = 0
  /** Whether all values of the last line can be values of JSON. */
  isScanned = false
  starts: Int32Array = new Int32Array(64)
  ends: Int32Array = new Int32Array(64)
  kinds: Uint8Array = new Uint8Array(64)
  numbers: Float64Array = new Float64Array(64)

  /** Finds the values between two places; false where one of them cannot be a value of JSON. */
  scan(bytes: Buffer, start: number, end: number): boolean {
    this.#begin(bytes, start, end)
    let hash = FNV_START
    let at = start
    while (at < end) {
      const byte = bytes[at] ?? 0
      let next: number
      if (byte === QUOTE) {
        next = this.#text(at)
        if (next > 0 && isName(bytes, next, end)) {
          this.count--
          for (; at < next; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), FNV_PRIME)
          continue
        }
      } else if ((byte >= ZERO && byte <= NINE) || byte === MINUS) next = this.#number(at)
      else {
        const literal = byte < 97 ? undefined : LITERALS.get(byte)
        if (literal === undefined) {
          hash = Math.imul(hash ^ byte, FNV_PRIME)
          at++
          continue
        }
        next = this.#literal(at, literal.kind, literal.bytes)
      }
      if (next < 0) return false
      hash = Math.imul(hash ^ QUOTE, FNV_PRIME)
      at = next
    }
    this.hash = hash
    this.isScanned = true
    return true
  }

  /** Finds the values of a line of a shape; false where it is of another one, or a value cannot be one. */
  scanAs(bytes: Buffer, start: number, end: number, { between, parts }: Pick<LineShape, 'between' | 'parts'>): boolean {
    this.#begin(bytes, start, end)
    const last = parts.length - 1
    let at = start
    let known = 0
    for (let part = 0; part <= last; part++) {
      for (const to = parts[part] ?? 0; known < to; known++, at++) if (bytes[at] !== between[known]) return false
      if (part === last) break
      at = at < end ? this.#value(at) : -1
      if (at < 0) return false
    }
    return at === end
  }

  isNull(token: number): boolean {
    return this.kinds[token] === TOKEN.null
  }

  /** The value at a place, as `JSON.parse` gives it; whole numbers that doubles do not hold are bigints. */
  value(token: number): string | number | bigint | boolean | null {
    switch (this.kinds[token]) {
      case TOKEN.null:
        return null
      case TOKEN.true:
        return true
      case TOKEN.false:
        return false
      case TOKEN.number:
        return this.numbers[token] ?? 0
      case TOKEN.digits:
        return this.#exact(token)
      default:
        return this.text(token)
    }
  }

  /** A text without its quotes and escapes. */
  text(token: number): string {
    const [from, to] = [this.starts[token] ?? 0, this.ends[token] ?? 0]
    if (this.kinds[token] === TOKEN.plain) return this.bytes.toString('latin1', from + 1, to - 1)
    return String(JSON.parse(this.bytes.toString('utf8', from, to)))
  }

  #exact(token: number): number | bigint {
    const digits = this.bytes.toString('latin1', this.starts[token], this.ends[token])
    const number = Number(digits)
    return Number.isSafeInteger(number) || !/^-?\d+$/.test(digits) ? number : BigInt(digits)
  }

  #begin(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.count = 0
    this.isScanned = false
  }

  /** The place behind a value; −1 where there is none. */
  #value(from: number): number {
    const byte = this.bytes[from] ?? 0
    if (byte === QUOTE) return this.#text(from)
    if ((byte >= ZERO && byte <= NINE) || byte === MINUS) return this.#number(from)
    const literal = LITERALS.get(byte)
    return literal === undefined ? -1 : this.#literal(from, literal.kind, literal.bytes)
  }

  #text(from: number): number {
    const { bytes, end } = this
    let kind: number = TOKEN.plain
    for (let at = from + 1; at < end; at++) {
      const byte = bytes[at] ?? 0
      if (IS_PLAIN[byte] === 1) continue
      if (byte === QUOTE) return this.#push(from, at + 1, kind, 0)
      if (byte < 32) return -1
      kind = TOKEN.text
      if (byte !== BACKSLASH) continue
      if (!ESCAPED.has(bytes[at + 1] ?? 0)) return -1
      at++
    }
    return -1
  }

  #number(from: number): number {
    const { bytes, end } = this
    let at = bytes[from] === MINUS ? from + 1 : from
    const whole = at
    let mantissa = 0
    for (let digit = digitAt(bytes, at, end); digit >= 0; digit = digitAt(bytes, at, end)) {
      mantissa = mantissa * 10 + digit
      at++
    }
    const wholes = at - whole
    if (wholes === 0 || (wholes > 1 && bytes[whole] === ZERO)) return -1
    let decimals = 0
    if (at < end && bytes[at] === DOT) {
      at++
      for (let digit = digitAt(bytes, at, end); digit >= 0; digit = digitAt(bytes, at, end)) {
        mantissa = mantissa * 10 + digit
        at++
        decimals++
      }
      if (decimals === 0) return -1
    }
    const exponent = exponentEnd(bytes, at, end)
    if (exponent < 0) return -1
    const isShort = exponent === at && wholes + decimals <= 16 && mantissa <= Number.MAX_SAFE_INTEGER
    if (!isShort) return this.#push(from, exponent, TOKEN.digits, 0)
    const value = mantissa / (TENS[decimals] ?? 1)
    return this.#push(from, at, TOKEN.number, whole > from ? -value : value)
  }

  #literal(from: number, kind: number, word: Buffer): number {
    for (let at = 0; at < word.length; at++) if (this.bytes[from + at] !== word[at]) return -1
    return from + word.length > this.end ? -1 : this.#push(from, from + word.length, kind, 0)
  }

  #push(from: number, to: number, kind: number, number: number): number {
    const { count } = this
    if (count === this.kinds.length) this.#grow()
    this.starts[count] = from
    this.ends[count] = to
    this.kinds[count] = kind
    this.numbers[count] = number
    this.count = count + 1
    return to
  }

  #grow(): void {
    const { starts, ends, kinds, numbers } = this
    const size = kinds.length * 2
    this.starts = new Int32Array(size)
    this.starts.set(starts)
    this.ends = new Int32Array(size)
    this.ends.set(ends)
    this.kinds = new Uint8Array(size)
    this.kinds.set(kinds)
    this.numbers = new Float64Array(size)
    this.numbers.set(numbers)
  }
}

/** A text before a colon names a value. */
function isName(bytes: Buffer, from: number, end: number): boolean {
  let at = from
  while (at < end && (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13)) at++
  return at < end && bytes[at] === COLON
}

function digitAt(bytes: Buffer, at: number, end: number): number {
  const byte = at < end ? (bytes[at] ?? 0) : 0
  return byte >= ZERO && byte <= NINE ? byte - ZERO : -1
}

/** Behind an exponent, the same place where there is none, −1 where it has no digits. */
function exponentEnd(bytes: Buffer, from: number, end: number): number {
  if (from >= end || (bytes[from] !== 101 && bytes[from] !== 69)) return from
  let at = bytes[from + 1] === MINUS || bytes[from + 1] === 43 ? from + 2 : from + 1
  const digits = at
  while (digitAt(bytes, at, end) >= 0) at++
  return at === digits ? -1 : at
}
