import { setImmediate as nextTurn } from 'node:timers/promises'
import { MartletError, type ColumnBatch } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { encodeRows, viewCodec, type ViewCodec } from './encode-rows.ts'
import { areInKeyOrder } from './key-order.ts'
import type { OnlineRow, OnlineStore } from './online-store.ts'
import { MAX_STAGE_ROWS, RowStage } from './row-stage.ts'
import { SCHEMA_TABLE, schemaRecord } from './schema-record.ts'

export interface PublishOptions {
  /** Stops between two writes; rejects with code `CANCELLED`. What was written stays: publishing again is harmless. */
  readonly signal?: AbortSignal
  /** Called after every write with the totals so far. */
  readonly onProgress?: (progress: PublishResult) => void
  /**
   * Rows of one write, at least one batch. Rows in no order are collected to about eight times as many and sorted.
   * @default 131072
   */
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

/** Bytes of rows in no order that are collected to be sorted; just below a power of two, as buffers double. */
const UNORDERED_BYTES = 60 << 20

/**
 * Publishes feature rows (key columns, `feature_time`, features, by name) to the table of a view, in bounded memory:
 * the next batches are fetched while the last write becomes durable.
 *
 * Rows reach the store in key order, write by write, because a store that keeps a tree copies every page that a
 * transaction touches. Rows that come in key order need no sorting and less memory.
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
  const write = async (list: Iterable<OnlineRow>, count: number): Promise<void> => {
    await settle()
    if (signal?.aborted === true) {
      throw new MartletError('CANCELLED', `Publishing ${view.name} was cancelled after ${rows} rows.`, {
        data: { view: view.name, rows, written },
        cause: signal.reason,
      })
    }
    writing = store.write(view.name, list, put)
    // A failure is thrown by the next settle(); until then it must not count as unhandled.
    writing.catch(() => undefined)
    rows += count
  }
  let stage = new RowStage()
  let spare = new RowStage()
  const writeStaged = async (): Promise<void> => {
    await write(stage.byKey(), stage.rows)
    const busy = stage
    stage = spare
    spare = busy
    stage.clear()
  }
  try {
    for await (const group of groups(batches, writeRows)) {
      if (stage.rows === 0 && areInKeyOrder(codec, group)) {
        await write(encodeAll(codec, group, last), countRows(group))
        continue
      }
      for (const row of encodeAll(codec, group, last)) {
        stage.add(row)
        if (isFull(stage)) await writeStaged()
      }
      await nextTurn()
    }
    if (stage.rows > 0) await writeStaged()
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

function countRows(group: readonly ColumnBatch[]): number {
  return group.reduce((sum, { rows }) => sum + rows, 0)
}

function isFull(stage: RowStage): boolean {
  return stage.rows === MAX_STAGE_ROWS || stage.length >= UNORDERED_BYTES
}
