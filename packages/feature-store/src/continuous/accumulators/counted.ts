import type { ByteWriter } from '../../online/byte-writer.ts'
import type { ByteReader } from '../byte-reader.ts'
import { putCount } from '../bytes-of.ts'
import type { ContinuousEvent } from '../continuous-event.ts'
import { otherKind, type Accumulator } from './accumulator.ts'

/** How many events have a value. */
export class Counted implements Accumulator {
  readonly #input: number
  count = 0

  constructor(input: number) {
    this.#input = input
  }

  add({ values }: ContinuousEvent): void {
    if ((values[this.#input] ?? null) !== null) this.count++
  }

  merge(other: Accumulator): void {
    if (!(other instanceof Counted)) throw otherKind()
    this.count += other.count
  }

  write(out: ByteWriter): void {
    putCount(out, this.count)
  }

  read(from: ByteReader): void {
    this.count += from.count()
  }
}
