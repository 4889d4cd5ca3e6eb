import type { ColumnBatch } from '@martlet/warehouse'
import { ByteWriter } from './byte-writer.ts'
import { writeRowKey, type ViewCodec } from './encode-rows.ts'

/** About how many keys are compared. */
const SAMPLES = 2048

/** Whether the keys of some batches, one after the other, are in order; of many rows a sample is looked at. */
export function areInKeyOrder(codec: ViewCodec, batches: readonly ColumnBatch[]): boolean {
  const rows = batches.reduce((sum, batch) => sum + batch.rows, 0)
  const step = Math.max(1, Math.floor(rows / SAMPLES))
  let last = new ByteWriter(64)
  let next = new ByteWriter(64)
  let skip = 0
  for (const batch of batches) {
    const writeKey = codec.key.writer(batch)
    let row = skip
    for (; row < batch.rows; row += step) {
      next.length = 0
      writeRowKey(codec.view, writeKey, next, row)
      if (last.bytes.compare(next.bytes, 0, next.length, 0, last.length) > 0) return false
      const held = last
      last = next
      next = held
    }
    skip = row - batch.rows
  }
  return true
}
