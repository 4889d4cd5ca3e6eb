/** Reads from bytes one after the other, what `bytes-of.ts` wrote. */
export class ByteReader {
  readonly bytes: Buffer
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get ended(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    return this.bytes.readUInt8(this.at++)
  }

  /** A whole number of at least 0, below 2^53. */
  count(): number {
    let value = 0
    let place = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * place
      if (byte < 0x80) return value
      place *= 128
    }
  }

  /** A whole number below 2^52, of any sign. */
  signed(): number {
    const folded = this.count()
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2
  }

  double(): number {
    const value = this.bytes.readDoubleLE(this.at)
    this.at += 8
    return value
  }

  /** A whole number of any size. */
  big(): bigint {
    const length = this.count()
    const folded = this.#unsigned(length)
    return (folded & 1n) === 0n ? folded >> 1n : -((folded + 1n) >> 1n)
  }

  text(): string {
    const length = this.count()
    const value = this.bytes.toString('utf8', this.at, this.at + length)
    this.at += length
    return value
  }

  #unsigned(length: number): bigint {
    const end = this.at + length
    if (end > this.bytes.length) throw new RangeError('the bytes end within a number')
    let value = 0n
    let shift = 0n
    for (; end - this.at >= 6; this.at += 6, shift += 48n) {
      const part = BigInt(this.bytes.readUIntLE(this.at, 6))
      value = shift === 0n ? part : value | (part << shift)
    }
    const rest = end - this.at
    if (rest > 0) value |= BigInt(this.bytes.readUIntLE(this.at, rest)) << shift
    this.at = end
    return value
  }
}
