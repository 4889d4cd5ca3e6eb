import type { ByteWriter } from '../../online/byte-writer.ts'
import type { Value } from '../../vocabulary/algebra/value.ts'
import type { ByteReader } from '../byte-reader.ts'
import { putBig, putSigned } from '../bytes-of.ts'
import type { ContinuousEvent } from '../continuous-event.ts'
import { exactOf, plus, square, ZERO, type Exact } from '../exact.ts'
import { otherKind, type Accumulator } from './accumulator.ts'

/** The sum of the values, or of their squares; of decimals, in units of the last digit. It is never rounded. */
export class Total implements Accumulator {
  readonly #input: number
  readonly #power: 1 | 2
  total: Exact = ZERO

  constructor(input: number, power: 1 | 2) {
    this.#input = input
    this.#power = power
  }

  add({ values }: ContinuousEvent): void {
    const value = exact(values[this.#input] ?? null)
    if (value !== undefined) this.total = plus(this.total, this.#power === 1 ? value : square(value))
  }

  merge(other: Accumulator): void {
    if (!(other instanceof Total)) throw otherKind()
    this.total = plus(this.total, other.total)
  }

  write(out: ByteWriter): void {
    putSigned(out, this.total.e)
    putBig(out, this.total.m)
  }

  read(from: ByteReader): void {
    const e = from.signed()
    this.total = plus(this.total, { m: from.big(), e })
  }
}

function exact(value: Value): Exact | undefined {
  if (typeof value === 'bigint') return { m: value, e: 0 }
  return typeof value === 'number' && Number.isFinite(value) ? exactOf(value) : undefined
}
