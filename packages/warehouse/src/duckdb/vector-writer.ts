import { BIGINT, BOOLEAN, DATE, DECIMAL, DOUBLE, DuckDBDataChunk, INTEGER, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import type { DuckDBType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { isDecimalVector, type ColumnVector } from '../column.ts'

/** Rows in one DuckDB chunk. */
export const CHUNK_ROWS = 2048

const TYPES: Readonly<Record<Extract<ColumnVector['type'], string>, DuckDBType>> = {
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
  const chunk = DuckDBDataChunk.create(columns.map(chunkType), to - from)
  columns.forEach((column, index) => writeColumn(duckdb.data_chunk_get_vector(chunk.chunk, index), column, from, to))
  return chunk
}

function chunkType(column: ColumnVector): DuckDBType {
  // Always 16 bytes wide, whatever its precision; the table's own is checked before.
  return isDecimalVector(column) ? DECIMAL(38, column.type.decimal[1]) : TYPES[column.type]
}

function writeColumn(vector: duckdb.Vector, column: ColumnVector, from: number, to: number): void {
  if (column.type === 'text') {
    for (let row = from; row < to; row++) {
      if (column.nulls?.[row] !== 1) duckdb.vector_assign_string_element(vector, row - from, column.values[row] ?? '')
    }
  } else if (isDecimalVector(column)) {
    const words = new BigInt64Array(2 * (to - from))
    for (let row = from; row < to; row++) {
      const units = column.values[row] ?? 0n
      words[2 * (row - from)] = BigInt.asIntN(64, units)
      words[2 * (row - from) + 1] = units >> 64n
    }
    duckdb.copy_data_to_vector(vector, 0, words.buffer, words.byteOffset, words.byteLength)
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
