import type { ColumnBatch } from '@martlet/warehouse'
import { ByteWriter } from '../online/byte-writer.ts'
import { writeRowKey } from '../online/encode-rows.ts'
import { keyCodec } from '../online/key-codec.ts'
import type { OnlineRow } from '../online/online-store.ts'
import { readBaseEvents } from './base-events.ts'
import type { StateLayout } from './layout.ts'
import { Summary, type Border } from './summary.ts'

/** Bytes of rows that are given at once. */
const BATCH_BYTES = 8 << 20

interface Bases {
  readonly border: Border
  /** The journal's position up to which facts are in them. */
  readonly position: bigint
}

/** The bases of all entities, in the order of their keys, from the batches of `baseEventsSql`. */
export async function* baseRows(
  layout: StateLayout,
  batches: AsyncIterable<ColumnBatch>,
  { border, position }: Bases,
): AsyncGenerator<readonly OnlineRow[], void, undefined> {
  const { view } = layout
  const codec = keyCodec(view.entity.keys)
  const keyOut = new ByteWriter(64)
  const out = new ByteWriter()
  let key: Uint8Array | undefined
  let summary = new Summary(layout, border)
  let rows: OnlineRow[] = []
  let bytes = 0
  const end = (): void => {
    if (key === undefined) return
    out.length = 0
    summary.write(out)
    rows.push({ key, time: position, value: Uint8Array.from(out.bytes.subarray(0, out.length)) })
    bytes += out.length + key.length
  }
  for await (const batch of batches) {
    const writeKey = codec.writer(batch)
    const read = readBaseEvents(layout, batch)
    for (let row = 0; row < batch.rows; row++) {
      keyOut.length = 0
      writeRowKey(view.name, writeKey, keyOut, row)
      const own = keyOut.bytes.subarray(0, keyOut.length)
      if (key === undefined || Buffer.compare(own, key) !== 0) {
        end()
        if (bytes >= BATCH_BYTES) {
          yield rows
          rows = []
          bytes = 0
        }
        key = Uint8Array.from(own)
        summary = new Summary(layout, border)
      }
      const event = read(row)
      if (event.old) summary.addOld(event.time)
      else summary.add(event)
    }
  }
  end()
  if (rows.length > 0) yield rows
}
