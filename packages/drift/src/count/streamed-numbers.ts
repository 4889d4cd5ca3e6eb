import {
  sql,
  type ColumnBatch,
  type ColumnType,
  type ColumnVector,
  type Leaves,
  type Sql,
  type Warehouse,
} from '@martlet/warehouse'
import { measuredColumn } from './measured-column.ts'

/** A number column as it is streamed: doubles, of which those that are not finite are left out by who reads them. */
export function streamedNumber(leaves: Leaves, type: ColumnType, column: Sql, origin: string | null): Sql {
  if (type === 'double' && origin === null) return sql`CAST(${column} AS ${leaves.columnType('double')})`
  return measuredColumn(leaves, type, column, origin).value
}

/** The doubles of a streamed column. */
export function doublesOf(vector: ColumnVector | undefined): Float64Array {
  if (vector?.type === 'double') return vector.values
  throw new TypeError(`a streamed number is a double, not ${JSON.stringify(vector?.type)}`)
}

/** Rows of a batch: DuckDB's own chunks, which then are copied once. */
export const STREAMED_ROWS = 2048

/** Values that are kept to be read again. */
const MOST_KEPT = 8_000_000

/** Streams a query as often as it is asked to; a small result once, after which it is kept. */
export function replayed(warehouse: Warehouse, query: Sql): () => AsyncIterable<ColumnBatch> {
  let kept: readonly ColumnBatch[] | undefined
  return async function* () {
    if (kept !== undefined) {
      yield* kept
      return
    }
    const batches: ColumnBatch[] = []
    let values = 0
    for await (const batch of warehouse.stream(query, { batchRows: STREAMED_ROWS })) {
      values += batch.rows * batch.columns.length
      if (values <= MOST_KEPT) batches.push(batch)
      else batches.length = 0
      yield batch
    }
    if (values <= MOST_KEPT) kept = batches
  }
}
