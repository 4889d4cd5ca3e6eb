import { isDecimalVector, type ColumnBatch, type ColumnVector } from '@martlet/warehouse'
import type { OnlineStore } from '../../online/online-store.ts'
import { publishRows } from '../../online/publish.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'

export interface Published {
  /** Rows read. */
  readonly rows: number
  /** Rows that were newer than, or as new as, what the store had. */
  readonly written: number
  /** Bytes of the columns read, about what a store needs for them. */
  readonly bytes: number
  /** The newest feature time among them. */
  readonly newest: bigint | null
}

/** Sends rows to a store as they are read; an entity whose row is older than `last` has left. */
export async function send(
  online: OnlineStore,
  view: ViewPlan,
  batches: AsyncIterable<ColumnBatch>,
  signal: AbortSignal,
  last?: bigint,
): Promise<Published> {
  const size: Size = { bytes: 0, newest: null }
  const { rows, written } = await publishRows(online, view, measured(batches, size), {
    signal,
    ...(last === undefined ? {} : { last }),
  })
  return { rows, written, ...size }
}

interface Size {
  bytes: number
  newest: bigint | null
}

async function* measured(batches: AsyncIterable<ColumnBatch>, size: Size): AsyncGenerator<ColumnBatch> {
  for await (const batch of batches) {
    for (const column of batch.columns) size.bytes += bytesOf(column)
    const time = batch.columns[batch.names.indexOf('feature_time')]
    if (time?.type === 'timestamp')
      for (const at of time.values) if (size.newest === null || at > size.newest) size.newest = at
    yield batch
  }
}

const DECIMAL_BYTES = 16

function bytesOf(column: ColumnVector): number {
  if (isDecimalVector(column)) return DECIMAL_BYTES * column.values.length
  return column.type === 'text' ? column.values.reduce((sum, value) => sum + value.length, 0) : column.values.byteLength
}
