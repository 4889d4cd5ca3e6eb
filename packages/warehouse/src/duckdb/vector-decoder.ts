import { DuckDBDecimalValue, DuckDBTypeId } from '@duckdb/node-api'
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { ColumnVector } from '../column.ts'
import { MartletError } from '../errors.ts'
import { decodeText } from './text-decoder.ts'

/** Copies rows `from..to` of its column out of a chunk; without a chunk, an empty column. Values at nulls are 0 or ''. */
export type ColumnDecoder = (chunk: DuckDBDataChunk | null, from: number, to: number) => ColumnVector

/** The decoder of one result column, by its DuckDB type. */
export function columnDecoder(index: number, name: string, type: DuckDBType): ColumnDecoder {
  const raw = (width: number) => rawVector(index, width)
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return booleans(raw(duckdb.sizeof_bool))
    case DuckDBTypeId.TINYINT:
      return integers('integer', raw(1), (data, at, rows) => Int32Array.from(new Int8Array(data, at, rows)))
    case DuckDBTypeId.UTINYINT:
      return integers('integer', raw(1), (data, at, rows) => Int32Array.from(new Uint8Array(data, at, rows)))
    case DuckDBTypeId.SMALLINT:
      return integers('integer', raw(2), (data, at, rows) => Int32Array.from(new Int16Array(data, at, rows)))
    case DuckDBTypeId.USMALLINT:
      return integers('integer', raw(2), (data, at, rows) => Int32Array.from(new Uint16Array(data, at, rows)))
    case DuckDBTypeId.INTEGER:
      return integers('integer', raw(4), (data, at, rows) => new Int32Array(data, at, rows).slice())
    case DuckDBTypeId.DATE:
      return integers('date', raw(4), (data, at, rows) => new Int32Array(data, at, rows).slice())
    case DuckDBTypeId.FLOAT:
      return doubles(raw(4), (data, at, rows) => Float64Array.from(new Float32Array(data, at, rows)))
    case DuckDBTypeId.DOUBLE:
      return doubles(raw(8), (data, at, rows) => new Float64Array(data, at, rows).slice())
    case DuckDBTypeId.UINTEGER:
      return bigints('bigint', raw(4), (data, at, rows) => BigInt64Array.from(new Uint32Array(data, at, rows), BigInt))
    case DuckDBTypeId.UBIGINT:
      return bigints('bigint', raw(8), (data, at, rows) => signed(name, new BigUint64Array(data, at, rows)))
    case DuckDBTypeId.BIGINT:
      return bigints('bigint', raw(8), (data, at, rows) => new BigInt64Array(data, at, rows).slice())
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return bigints('timestamp', raw(8), (data, at, rows) => new BigInt64Array(data, at, rows).slice())
    case DuckDBTypeId.TIMESTAMP_S:
      return bigints('timestamp', raw(8), (data, at, rows) => scaled(data, at, rows, (value) => value * 1_000_000n))
    case DuckDBTypeId.TIMESTAMP_MS:
      return bigints('timestamp', raw(8), (data, at, rows) => scaled(data, at, rows, (value) => value * 1000n))
    case DuckDBTypeId.TIMESTAMP_NS:
      return bigints('timestamp', raw(8), (data, at, rows) => scaled(data, at, rows, (value) => (value - (((value % 1000n) + 1000n) % 1000n)) / 1000n))
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.DECIMAL:
      return numbersByItem(index)
    case DuckDBTypeId.VARCHAR:
      return texts(raw(16))
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UUID:
      return textsByItem(index)
    default:
      throw new MartletError(
        'COLUMN_TYPE_UNSUPPORTED',
        `Column ${JSON.stringify(name)} is of type ${type.toString()}, which is not read. Cast it in the query, for example to VARCHAR or DOUBLE.`,
        { data: { column: name, type: type.toString() } },
      )
  }
}

/** Where the values of rows `from..to` lie in memory that DuckDB owns. */
interface RawRows {
  readonly data: ArrayBufferLike
  readonly at: number
  readonly rows: number
  readonly nulls: Uint8Array | null
}

type RawVector = (chunk: DuckDBDataChunk | null, from: number, to: number) => RawRows

function rawVector(index: number, width: number): RawVector {
  return (chunk, from, to) => {
    if (chunk === null || to === from) return { data: new ArrayBuffer(0), at: 0, rows: 0, nulls: null }
    const vector = duckdb.data_chunk_get_vector(chunk.chunk, index)
    const bytes = duckdb.vector_get_data(vector, chunk.rowCount * width)
    return { data: bytes.buffer, at: bytes.byteOffset + from * width, rows: to - from, nulls: readNulls(vector, chunk.rowCount, from, to) }
  }
}

function readNulls(vector: duckdb.Vector, rows: number, from: number, to: number): Uint8Array | null {
  const mask: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(rows / 64) * 8)
  if (mask === null) return null
  const nulls = new Uint8Array(to - from)
  let found = false
  for (let row = from; row < to; row++) {
    if ((((mask[row >> 3] ?? 0) >> (row & 7)) & 1) === 0) {
      nulls[row - from] = 1
      found = true
    }
  }
  return found ? nulls : null
}

function integers(type: 'integer' | 'date', raw: RawVector, copy: (data: ArrayBufferLike, at: number, rows: number) => Int32Array): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type, values: blank(copy(data, at, rows), nulls, 0), nulls }
  }
}

function bigints(type: 'bigint' | 'timestamp', raw: RawVector, copy: (data: ArrayBufferLike, at: number, rows: number) => BigInt64Array): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type, values: blank(copy(data, at, rows), nulls, 0n), nulls }
  }
}

function doubles(raw: RawVector, copy: (data: ArrayBufferLike, at: number, rows: number) => Float64Array): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type: 'double', values: blank(copy(data, at, rows), nulls, 0), nulls }
  }
}

function booleans(raw: RawVector): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type: 'boolean', values: blank(new Uint8Array(data, at, rows).slice(), nulls, 0), nulls }
  }
}

function texts(raw: RawVector): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type: 'text', values: decodeText(data, at, rows, nulls), nulls }
  }
}

function blank<A extends { [row: number]: V }, V>(values: A, nulls: Uint8Array | null, zero: V): A {
  if (nulls !== null) {
    for (let row = 0; row < nulls.length; row++) if (nulls[row] === 1) values[row] = zero
  }
  return values
}

function scaled(data: ArrayBufferLike, at: number, rows: number, scale: (value: bigint) => bigint): BigInt64Array {
  return BigInt64Array.from(new BigInt64Array(data, at, rows), scale)
}

function signed(name: string, values: BigUint64Array): BigInt64Array {
  const row = values.findIndex((value) => value > 0x7fff_ffff_ffff_ffffn)
  if (row >= 0) {
    throw new MartletError('VALUE_OUT_OF_RANGE', `Column ${JSON.stringify(name)} holds ${values[row]}, which is above 2^63 - 1. Cast it to DOUBLE or VARCHAR.`, {
      data: { column: name, value: String(values[row]) },
    })
  }
  return new BigInt64Array(values.slice().buffer)
}

function numbersByItem(index: number): ColumnDecoder {
  return (chunk, from, to) => {
    const { items, nulls } = readItems(chunk, index, from, to)
    return { type: 'double', values: Float64Array.from(items, toNumber), nulls }
  }
}

function textsByItem(index: number): ColumnDecoder {
  return (chunk, from, to) => {
    const { items, nulls } = readItems(chunk, index, from, to)
    return { type: 'text', values: items.map((item) => (item === null ? '' : String(item))), nulls }
  }
}

function readItems(chunk: DuckDBDataChunk | null, index: number, from: number, to: number): { items: DuckDBValue[]; nulls: Uint8Array | null } {
  const vector = chunk?.getColumnVector(index)
  const items = Array.from({ length: to - from }, (_, row) => vector?.getItem(from + row) ?? null)
  return { items, nulls: items.includes(null) ? Uint8Array.from(items, (item) => (item === null ? 1 : 0)) : null }
}

function toNumber(item: DuckDBValue): number {
  if (item === null) return 0
  // Through text, so that the double is the nearest one whatever the precision.
  return item instanceof DuckDBDecimalValue ? Number(item.toString()) : Number(item)
}
