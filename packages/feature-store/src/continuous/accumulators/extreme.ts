import type { ByteWriter } from '../../online/byte-writer.ts'
import { order, type Value } from '../../vocabulary/algebra/value.ts'
import type { ByteReader } from '../byte-reader.ts'
import { putByte } from '../bytes-of.ts'
import type { ContinuousEvent } from '../continuous-event.ts'
import type { ValueBytes } from '../value-bytes.ts'
import { otherKind, type Accumulator } from './accumulator.ts'

/** The least or the greatest value. */
export class Extreme implements Accumulator {
  readonly #input: number
  readonly #bytes: ValueBytes
  readonly #sign: 1 | -1
  value: Value = null

  constructor(input: number, bytes: ValueBytes, sign: 1 | -1) {
    this.#input = input
    this.#bytes = bytes
    this.#sign = sign
  }

  add({ values }: ContinuousEvent): void {
    this.#take(values[this.#input] ?? null)
  }

  merge(other: Accumulator): void {
    if (!(other instanceof Extreme)) throw otherKind()
    this.#take(other.value)
  }

  write(out: ByteWriter): void {
    putByte(out, this.value === null ? 0 : 1)
    if (this.value !== null) this.#bytes.write(out, this.value)
  }

  read(from: ByteReader): void {
    if (from.byte() === 1) this.#take(this.#bytes.read(from))
  }

  #take(value: Value): void {
    if (value === null) return
    if (this.value === null || order(value, this.value) * this.#sign > 0) this.value = value
  }
}
