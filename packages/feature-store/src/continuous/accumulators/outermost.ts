import type { ByteWriter } from '../../online/byte-writer.ts'
import { order, type Value } from '../../vocabulary/algebra/value.ts'
import type { ByteReader } from '../byte-reader.ts'
import { putBig, putByte } from '../bytes-of.ts'
import type { ContinuousEvent } from '../continuous-event.ts'
import type { ValueBytes } from '../value-bytes.ts'
import { otherKind, type Accumulator } from './accumulator.ts'

interface Placed {
  readonly time: bigint
  readonly sequence: Value
  readonly value: Exclude<Value, null>
}

/** The value of the oldest or of the newest event that has one, by time, then sequence, then the value itself. */
export class Outermost implements Accumulator {
  readonly #input: number
  readonly #bytes: ValueBytes
  readonly #sequences: ValueBytes
  readonly #sign: 1 | -1
  #found: Placed | undefined

  /** `sequences`: how the fact's column of sequences is written. */
  constructor(input: number, bytes: ValueBytes, sequences: ValueBytes, sign: 1 | -1) {
    this.#input = input
    this.#bytes = bytes
    this.#sequences = sequences
    this.#sign = sign
  }

  get value(): Value {
    return this.#found?.value ?? null
  }

  /** When it happened. */
  get time(): bigint | undefined {
    return this.#found?.time
  }

  add({ time, sequence, values }: ContinuousEvent): void {
    const value = values[this.#input] ?? null
    if (value !== null) this.#take({ time, sequence, value })
  }

  merge(other: Accumulator): void {
    if (!(other instanceof Outermost)) throw otherKind()
    if (other.#found !== undefined) this.#take(other.#found)
  }

  write(out: ByteWriter): void {
    const found = this.#found
    if (found === undefined) return putByte(out, 0)
    putByte(out, found.sequence === null ? 1 : 2)
    putBig(out, found.time)
    if (found.sequence !== null) this.#sequences.write(out, found.sequence)
    this.#bytes.write(out, found.value)
  }

  read(from: ByteReader): void {
    const kind = from.byte()
    if (kind === 0) return
    const time = from.big()
    const sequence = kind === 1 ? null : this.#sequences.read(from)
    this.#take({ time, sequence, value: this.#bytes.read(from) })
  }

  #take(placed: Placed): void {
    if (this.#found === undefined || place(placed, this.#found) * this.#sign > 0) this.#found = placed
  }
}

function place(a: Placed, b: Placed): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1
  if (a.sequence === null || b.sequence === null) {
    if (a.sequence !== b.sequence) return a.sequence === null ? -1 : 1
  } else {
    const by = order(a.sequence, b.sequence)
    if (by !== 0) return by
  }
  return order(a.value, b.value)
}
