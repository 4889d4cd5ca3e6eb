import type { ByteWriter } from '../online/byte-writer.ts'
import { ByteReader } from './byte-reader.ts'
import type { ContinuousEvent } from './continuous-event.ts'
import { readEvent, writeEvent } from './event-bytes.ts'
import type { StateLayout } from './layout.ts'
import { HEAD_BYTES, KIND_EVENT, writeHead } from './summary.ts'

/** The value of a tail's part that is one event. */
export function writeTailEvent(layout: StateLayout, out: ByteWriter, event: ContinuousEvent): void {
  writeHead(out, layout, KIND_EVENT)
  writeEvent(layout, out, event)
}

export function readTailEvent(layout: StateLayout, bytes: Uint8Array): ContinuousEvent {
  const from = new ByteReader(bytes)
  from.at = HEAD_BYTES
  return readEvent(layout, from)
}
