import { MartletError, typeText, type ColumnBatch } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'
import { ByteWriter } from './byte-writer.ts'
import { keyCodec, type KeyCodec } from './key-codec.ts'
import type { OnlineRow } from './online-store.ts'
import { rowCodec, rowWriter, type RowCodec } from './row-codec.ts'

/** How a view's rows are keyed and laid out; compiled once a view. */
export interface ViewCodec {
  readonly view: string
  readonly key: KeyCodec
  readonly row: RowCodec
}

/** Compiles the codec of a view. */
export function viewCodec(view: ViewPlan): ViewCodec {
  return { view: view.name, key: keyCodec(view.entity.keys), row: rowCodec(view.features) }
}

/**
 * Encodes a batch that has the key columns, `feature_time` and the feature columns, in any order; other columns are
 * ignored. All rows share one buffer: a row's bytes are valid until the next row is asked for. A row from before
 * `last` becomes one for `last` without a value: its entity has left.
 */
export function* encodeRows(
  codec: ViewCodec,
  batch: ColumnBatch,
  last?: bigint,
): Generator<OnlineRow, void, undefined> {
  const time = batch.columns[batch.names.indexOf('feature_time')]
  if (time?.type !== 'timestamp') {
    const problem =
      time === undefined ? 'has no column feature_time' : `has feature_time as ${typeText(time.type)}, not timestamp`
    throw new MartletError('BAD_FEATURE_BATCH', `The batch for ${codec.view} ${problem}.`, {
      data: { view: codec.view },
    })
  }
  const out = new ByteWriter()
  const writeKey = codec.key.writer(batch)
  const writeRow = rowWriter(codec.row, batch)
  for (let row = 0; row < batch.rows; row++) {
    if (time.nulls !== null && time.nulls[row] === 1) {
      throw new MartletError('BAD_FEATURE_BATCH', `Row ${row} of the batch for ${codec.view} has no feature_time.`, {
        data: { view: codec.view, row },
      })
    }
    out.length = 0
    writeRowKey(codec.view, writeKey, out, row)
    const keyEnd = out.length
    const at = time.values[row] ?? 0n
    const gone = last !== undefined && at < last
    if (!gone) writeRow(out, row)
    yield { key: out.bytes.subarray(0, keyEnd), time: gone ? last : at, value: out.bytes.subarray(keyEnd, out.length) }
  }
}

/** Writes the key of a row; an error says which row of which view it is. */
export function writeRowKey(
  view: string,
  writeKey: (out: ByteWriter, row: number) => void,
  out: ByteWriter,
  row: number,
): void {
  try {
    writeKey(out, row)
  } catch (error) {
    if (!(error instanceof MartletError)) throw error
    throw new MartletError(error.code, `Row ${row} of the batch for ${view}: ${error.message}`, {
      data: { view, row, ...error.data },
      cause: error,
    })
  }
}
