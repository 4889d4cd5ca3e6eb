import { checkKey } from '../limits.ts'
import type { OnlineRow } from '../online-store.ts'
import { rowKey, storedBytes } from './layout.ts'
import { expiryOf } from './put-newer.ts'

/**
 * One script call: long enough to be fast, short enough that the server, which has one thread, answers reads in
 * between.
 */
const BATCH_ROWS = 1024
const BATCH_BYTES = 1 << 20

/** Rows copied out of the caller's buffers, as the script takes them. */
export interface RowBatch {
  readonly keys: readonly Uint8Array[]
  readonly args: readonly (Buffer | string)[]
}

/** Cuts rows into batches; a row that is larger than a batch is one by itself. */
export function* rowBatches(
  table: string,
  rows: Iterable<OnlineRow>,
  keepFor: bigint | undefined,
): Generator<RowBatch, void, undefined> {
  let keys: Uint8Array[] = []
  let args: (Buffer | string)[] = []
  let size = 0
  for (const { key, time, value } of rows) {
    checkKey(table, key)
    keys.push(Uint8Array.from(key))
    args.push(storedBytes(time, value), expiryOf(time, keepFor))
    size += key.length + value.length
    if (keys.length < BATCH_ROWS && size < BATCH_BYTES) continue
    yield { keys, args }
    keys = []
    args = []
    size = 0
  }
  if (keys.length > 0) yield { keys, args }
}

export function batchKeys(prefix: Buffer, batch: RowBatch): readonly Buffer[] {
  return batch.keys.map((key) => rowKey(prefix, key))
}
