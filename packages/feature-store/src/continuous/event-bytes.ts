import type { ByteWriter } from '../online/byte-writer.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import type { ByteReader } from './byte-reader.ts'
import { putBig, putByte } from './bytes-of.ts'
import type { ContinuousEvent } from './continuous-event.ts'
import type { StateLayout } from './layout.ts'

type EventLayout = Pick<StateLayout, 'inputs' | 'inputBytes' | 'sequences'>

const LATER = 1
const SEQUENCE = 2

/** Writes an event: what it has beside its time, its time, then which inputs it has, then these. */
export function writeEvent(
  { inputs, inputBytes, sequences }: EventLayout,
  out: ByteWriter,
  event: ContinuousEvent,
): void {
  const { time, since, sequence, values } = event
  const later = since > time
  putByte(out, (later ? LATER : 0) | (sequence === null ? 0 : SEQUENCE))
  putBig(out, time)
  if (later) putBig(out, since - time)
  if (sequence !== null) sequences.write(out, sequence)
  const bitmap = out.length
  for (let byte = 0; byte < inputs.length; byte += 8) putByte(out, 0)
  for (const [place, bytes] of inputBytes.entries()) {
    const value = values[place] ?? null
    if (value === null) continue
    const at = bitmap + (place >> 3)
    out.bytes[at] = (out.bytes[at] ?? 0) | (1 << (place & 7))
    bytes.write(out, value)
  }
}

/** Reads an event that {@link writeEvent} wrote under the same layout. */
export function readEvent({ inputs, inputBytes, sequences }: EventLayout, from: ByteReader): ContinuousEvent {
  const flags = from.byte()
  const time = from.big()
  const since = (flags & LATER) === 0 ? time : time + from.big()
  const sequence = (flags & SEQUENCE) === 0 ? null : sequences.read(from)
  const bitmap: number[] = []
  for (let byte = 0; byte < inputs.length; byte += 8) bitmap.push(from.byte())
  const values = inputBytes.map((bytes, place): Value => {
    const present = ((bitmap[place >> 3] ?? 0) & (1 << (place & 7))) !== 0
    return present ? bytes.read(from) : null
  })
  return { time, since, sequence, values }
}
