import {
  BIGINT,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBDataChunk,
  FLOAT,
  INTEGER,
  SMALLINT,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api'
import type { DuckDBType } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { expect, it } from 'vitest'
import { columnDecoder } from '../../src/duckdb/vector-decoder.ts'

/** Two rows, of which the second is null and has every bit set, as memory that DuckDB has not written may. */
function chunkWithRubbish(type: DuckDBType, width: number): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create([type], 2)
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, 0)
  const cells = new Uint8Array(2 * width).fill(0xff, width)
  duckdb.copy_data_to_vector(vector, 0, cells.buffer, 0, cells.byteLength)
  duckdb.vector_ensure_validity_writable(vector)
  const mask = BigUint64Array.of(0b01n)
  duckdb.copy_data_to_vector_validity(vector, 0, mask.buffer, 0, mask.byteLength)
  return chunk
}

it.each<[DuckDBType, number, unknown]>([
  [BOOLEAN, 1, Uint8Array.of(0, 0)],
  [TINYINT, 1, Int32Array.of(0, 0)],
  [UTINYINT, 1, Int32Array.of(0, 0)],
  [SMALLINT, 2, Int32Array.of(0, 0)],
  [USMALLINT, 2, Int32Array.of(0, 0)],
  [INTEGER, 4, Int32Array.of(0, 0)],
  [DATE, 4, Int32Array.of(0, 0)],
  [UINTEGER, 4, BigInt64Array.of(0n, 0n)],
  [BIGINT, 8, BigInt64Array.of(0n, 0n)],
  [UBIGINT, 8, BigInt64Array.of(0n, 0n)],
  [FLOAT, 4, Float64Array.of(0, 0)],
  [DOUBLE, 8, Float64Array.of(0, 0)],
  [DECIMAL(9, 2), 4, Float64Array.of(0, 0)],
  [DECIMAL(18, 2), 8, [0n, 0n]],
  [DECIMAL(38, 0), 16, [0n, 0n]],
  [TIMESTAMP, 8, BigInt64Array.of(0n, 0n)],
  [TIMESTAMPTZ, 8, BigInt64Array.of(0n, 0n)],
  [TIMESTAMP_S, 8, BigInt64Array.of(0n, 0n)],
  [TIMESTAMP_MS, 8, BigInt64Array.of(0n, 0n)],
  [TIMESTAMP_NS, 8, BigInt64Array.of(0n, 0n)],
  [VARCHAR, 16, ['', '']],
])('%s: what DuckDB has left at a null is never looked at', (type, width, values) => {
  const read = columnDecoder(0, 'v', type)(chunkWithRubbish(type, width), 0, 2)
  expect(read.values).toEqual(values)
  expect(read.nulls).toEqual(Uint8Array.of(0, 1))
})
