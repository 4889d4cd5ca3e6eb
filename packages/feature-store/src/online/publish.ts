import { MartletError, type ColumnBatch } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { encodeRows, viewCodec, type ViewCodec } from './encode-rows.ts'
import type { OnlineRow, OnlineStore } from './online-store.ts'
import { SCHEMA_TABLE, schemaRecord } from './schema-record.ts'

export interface PublishOptions {
  /** Stops between two writes; rejects with code `CANCELLED`. What was written stays: publishing again is harmless. */
  readonly signal?: AbortSignal
  /** Called after every write with the totals so far. */
  readonly onProgress?: (progress: PublishResult) => void
  /** Rows of one write, at least one batch. @default 131072 */
  readonly writeRows?: number
  /**
   * The newest feature time of a view whose rows are complete: an entity whose newest row is older has none now, so
   * the store records that it has left (a row for this time without a value, which readers answer with NOT_FOUND).
   * @default no entity has left
   */
  readonly last?: bigint
}

export interface PublishResult {
  /** Rows read from the batches. */
  readonly rows: number
  /** Rows that were newer than, or as new as, what the store had. */
  readonly written: number
}

/**
 * Publishes feature rows (key columns, `feature_time`, features, by name) to the table of a view, in bounded memory:
 * the next batches are fetched while the last write becomes durable.
 *
 * Rows that come in key order are several times faster in LMDB than rows in random order.
 */
export async function publishRows(
  store: OnlineStore,
  view: ViewPlan,
  batches: AsyncIterable<ColumnBatch>,
  options: PublishOptions = {},
): Promise<PublishResult> {
  const { signal, onProgress, writeRows = 131_072, last } = options
  const codec = viewCodec(view)
  const put = view.ttl === null ? {} : { keepFor: BigInt(view.ttl) }
  // The layout comes first: whoever finds a row can read it.
  await store.write(SCHEMA_TABLE, [schemaRecord(codec.row)])
  let rows = 0
  let written = 0
  let writing: Promise<number> = Promise.resolve(0)
  const settle = async (): Promise<void> => {
    written += await writing
    writing = Promise.resolve(0)
    if (rows > 0) onProgress?.({ rows, written })
  }
  try {
    for await (const group of groups(batches, writeRows)) {
      await settle()
      if (signal?.aborted === true) {
        throw new MartletError('CANCELLED', `Publishing ${view.name} was cancelled after ${rows} rows.`, {
          data: { view: view.name, rows, written },
          cause: signal.reason,
        })
      }
      writing = store.write(view.name, encodeAll(codec, group, last), put)
      // A failure is thrown by the next settle(); until then it must not count as unhandled.
      writing.catch(() => undefined)
      rows += group.reduce((sum, batch) => sum + batch.rows, 0)
    }
  } catch (error) {
    await writing.catch(() => undefined)
    throw error
  }
  await settle()
  return { rows, written }
}

function* encodeAll(
  codec: ViewCodec,
  group: readonly ColumnBatch[],
  last: bigint | undefined,
): Generator<OnlineRow, void, undefined> {
  for (const batch of group) yield* encodeRows(codec, batch, last)
}

async function* groups(
  batches: AsyncIterable<ColumnBatch>,
  size: number,
): AsyncGenerator<readonly ColumnBatch[], void, undefined> {
  let group: ColumnBatch[] = []
  let rows = 0
  for await (const batch of batches) {
    if (batch.rows === 0) continue
    group.push(batch)
    rows += batch.rows
    if (rows < size) continue
    yield group
    group = []
    rows = 0
  }
  if (rows > 0) yield group
}
