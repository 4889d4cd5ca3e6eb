import type { ByteWriter } from '../../online/byte-writer.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { ContinuousEvent } from '../continuous-event.ts'

/** What is kept of some events instead of them: it takes events in any order, and merges with others of its kind. */
export interface Accumulator {
  add(event: ContinuousEvent): void
  /** Takes in what another one of the same kind and input has. */
  merge(other: Accumulator): void
  write(out: ByteWriter): void
  /** Takes in what was written. */
  read(from: ByteReader): void
}

export function otherKind(): Error {
  return new Error('accumulators of different kinds do not merge')
}
