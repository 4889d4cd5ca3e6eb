import type { DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api'
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
export function streamBatches(
  session: Session,
  query: CompiledSql,
  options: StreamOptions = {},
): AsyncGenerator<ColumnBatch> {
  const batchRows = Math.max(1, Math.floor(options.batchRows ?? BATCH_ROWS))
  const { reuse = false } = options
  return session.stream(query, options, (result, fetch) => {
    const reader = readerOf(result, reuse ? batchRows : 0)
    let rest: ChunkRest | null = null
    return async () => {
      while (reader.rows < batchRows) {
        rest ??= restOf(await fetch())
        if (rest === null) break
        const to = Math.min(rest.chunk.rowCount, rest.from + batchRows - reader.rows)
        reader.push(rest.chunk, rest.from, to)
        rest = to === rest.chunk.rowCount ? null : { chunk: rest.chunk, from: to }
        if (reuse) break
      }
      return reader.rows === 0 ? null : reader.take()
    }
  })
}

interface ChunkRest {
  readonly chunk: DuckDBDataChunk
  readonly from: number
}

function restOf(chunk: DuckDBDataChunk | null): ChunkRest | null {
  return chunk === null ? null : { chunk, from: 0 }
}

function readerOf(result: DuckDBResult, reusedRows = 0): BatchReader {
  return new BatchReader(result.columnNames(), result.columnTypes(), reusedRows)
}
