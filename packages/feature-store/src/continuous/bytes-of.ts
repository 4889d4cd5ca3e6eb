import type { ByteWriter } from '../online/byte-writer.ts'

export function putByte(out: ByteWriter, value: number): void {
  out.reserve(1)
  out.bytes[out.length++] = value
}

/** A whole number of at least 0, below 2^53: seven bits a byte. */
export function putCount(out: ByteWriter, value: number): void {
  out.reserve(8)
  let rest = value
  while (rest >= 0x80) {
    out.bytes[out.length++] = 0x80 | (rest % 128)
    rest = Math.floor(rest / 128)
  }
  out.bytes[out.length++] = rest
}

/** A whole number below 2^52, of any sign. */
export function putSigned(out: ByteWriter, value: number): void {
  putCount(out, value < 0 ? -2 * value - 1 : 2 * value)
}

export function putDouble(out: ByteWriter, value: number): void {
  out.reserve(8)
  out.view.setFloat64(out.length, value, true)
  out.length += 8
}

const WORD = (1n << 48n) - 1n

/** A whole number of any size: how many bytes it has, then these, least first. */
export function putBig(out: ByteWriter, value: bigint): void {
  let rest = value < 0n ? -2n * value - 1n : 2n * value
  const words: number[] = []
  while (rest > WORD) {
    words.push(Number(rest & WORD))
    rest >>= 48n
  }
  const last = Number(rest)
  let lastBytes = 0
  for (let left = last; left > 0; left = Math.floor(left / 256)) lastBytes++
  putCount(out, words.length * 6 + lastBytes)
  out.reserve(words.length * 6 + 6)
  for (const word of words) out.length = out.bytes.writeUIntLE(word, out.length, 6)
  if (lastBytes > 0) out.length = out.bytes.writeUIntLE(last, out.length, lastBytes)
}

export function putText(out: ByteWriter, text: string): void {
  putCount(out, Buffer.byteLength(text))
  out.text(text)
}
