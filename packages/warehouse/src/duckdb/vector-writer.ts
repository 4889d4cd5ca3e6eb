import { BIGINT, BOOLEAN, DATE, DOUBLE, DuckDBDataChunk, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { ColumnVector } from '../column.ts'

/** Rows in one DuckDB chunk. */
export const CHUNK_ROWS = 2048

const TYPES: Readonly<Record<ColumnVector['type'], DuckDBType>> = {
  boolean: BOOLEAN,
  integer: INTEGER,
  bigint: BIGINT,
  double: DOUBLE,
  text: VARCHAR,
  timestamp: TIMESTAMP,
  date: DATE,
}

/** Rows `from..to` of the columns as a chunk; at most `CHUNK_ROWS` of them. */
export function writeChunk(columns: readonly ColumnVector[], from: number, to: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    columns.map((column) => TYPES[column.type]),
    to - from,
  )
  columns.forEach((column, index) => writeColumn(duckdb.data_chunk_get_vector(chunk.chunk, index), column, from, to))
  return chunk
}

function writeColumn(vector: duckdb.Vector, column: ColumnVector, from: number, to: number): void {
  if (column.type === 'text') {
    for (let row = from; row < to; row++) {
      if (column.nulls?.[row] !== 1) duckdb.vector_assign_string_element(vector, row - from, column.values[row] ?? '')
    }
  } else {
    const values = column.values.slice(from, to)
    duckdb.copy_data_to_vector(vector, 0, values.buffer, values.byteOffset, values.byteLength)
  }
  if (column.nulls !== null) writeValidity(vector, column.nulls.subarray(from, to))
}

function writeValidity(vector: duckdb.Vector, nulls: Uint8Array): void {
  if (!nulls.includes(1)) return
  const mask = new Uint8Array(Math.ceil(nulls.length / 64) * 8).fill(0xff)
  nulls.forEach((isNull, row) => {
    if (isNull === 1) mask[row >> 3] = (mask[row >> 3] ?? 0) & ~(1 << (row & 7))
  })
  duckdb.vector_ensure_validity_writable(vector)
  duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, 0, mask.byteLength)
}
