import type { DuckDBResult } from '@duckdb/node-api'
import type { ColumnBatch } from '../column.ts'
import type { CompiledSql, StreamOptions } from '../warehouse.ts'
import type { Session } from './session.ts'
import { BatchReader } from './vector-reader.ts'

const BATCH_ROWS = 16_384

/** A whole result as one batch. */
export async function readBatch(result: DuckDBResult): Promise<ColumnBatch> {
  const reader = readerOf(result)
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    reader.push(chunk)
  return reader.take()
}

/**
 * A result in batches of at most `batchRows` rows; no more than one batch and two chunks are held: one that is read, and the next,
 * which DuckDB fetches meanwhile.
 */
export async function* streamBatches(
  session: Session,
  query: CompiledSql,
  options: StreamOptions = {},
): AsyncGenerator<ColumnBatch> {
  const batchRows = Math.max(1, Math.floor(options.batchRows ?? BATCH_ROWS))
  const { reuse = false } = options
  let reader: BatchReader | undefined
  for await (const { result, chunk } of session.stream(query, options)) {
    reader ??= readerOf(result, reuse ? batchRows : 0)
    const { rowCount } = chunk
    for (let from = 0; from < rowCount;) {
      const to = Math.min(rowCount, from + batchRows - reader.rows)
      reader.push(chunk, from, to)
      from = to
      if (reuse || reader.rows === batchRows) yield reader.take()
    }
  }
  if (reader !== undefined && reader.rows > 0) yield reader.take()
}

function readerOf(result: DuckDBResult, reusedRows = 0): BatchReader {
  return new BatchReader(result.columnNames(), result.columnTypes(), reusedRows)
}
