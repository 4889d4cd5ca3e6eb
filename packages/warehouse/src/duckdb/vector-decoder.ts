import { DuckDBDecimalType, DuckDBDecimalValue, DuckDBTypeId } from '@duckdb/node-api'
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { ColumnVector } from '../column.ts'
import { isWideDecimal } from '../decimal.ts'
import { MartletError } from '../errors.ts'
import { decodeText } from './text-decoder.ts'

/**
 * Copies rows `from..to` of its column out of a chunk, doubles into `into` if it is given; without a chunk, an empty column.
 * Values at nulls are 0 or ''.
 */
export type ColumnDecoder = (
  chunk: DuckDBDataChunk | null,
  from: number,
  to: number,
  into?: Float64Array,
) => ColumnVector

/** V8 sees one vector of doubles of so many. */
const SHOWN_OF = 4

/** DuckDB keeps decimals of up to so many digits in 64 bits, and longer ones in 128. */
const INT64_DIGITS = 18

type Make = (index: number, name: string, type: DuckDBType) => ColumnDecoder

const DECODERS: ReadonlyMap<DuckDBTypeId, Make> = new Map<DuckDBTypeId, Make>([
  [DuckDBTypeId.BOOLEAN, (index) => booleans(rawVector(index, duckdb.sizeof_bool))],
  [
    DuckDBTypeId.TINYINT,
    (index) =>
      integers('integer', rawVector(index, 1), (data, at, rows) => Int32Array.from(new Int8Array(data, at, rows))),
  ],
  [
    DuckDBTypeId.UTINYINT,
    (index) =>
      integers('integer', rawVector(index, 1), (data, at, rows) => Int32Array.from(new Uint8Array(data, at, rows))),
  ],
  [
    DuckDBTypeId.SMALLINT,
    (index) =>
      integers('integer', rawVector(index, 2), (data, at, rows) => Int32Array.from(new Int16Array(data, at, rows))),
  ],
  [
    DuckDBTypeId.USMALLINT,
    (index) =>
      integers('integer', rawVector(index, 2), (data, at, rows) => Int32Array.from(new Uint16Array(data, at, rows))),
  ],
  [DuckDBTypeId.INTEGER, (index) => integers('integer', rawVector(index, 4), copyInt32)],
  [DuckDBTypeId.DATE, (index) => integers('date', rawVector(index, 4), copyInt32)],
  [
    DuckDBTypeId.UINTEGER,
    (index) =>
      bigints('bigint', rawVector(index, 4), (data, at, rows) =>
        BigInt64Array.from(new Uint32Array(data, at, rows), BigInt),
      ),
  ],
  [
    DuckDBTypeId.UBIGINT,
    (index, name) =>
      bigints('bigint', rawVector(index, 8), (data, at, rows, nulls) =>
        signed(name, blank(new BigUint64Array(data, at, rows).slice(), nulls, 0n)),
      ),
  ],
  [DuckDBTypeId.BIGINT, (index) => bigints('bigint', rawVector(index, 8), copyInt64)],
  [DuckDBTypeId.FLOAT, (index) => doubles(index, 4, (data, at, rows) => new Float32Array(data, at, rows))],
  [DuckDBTypeId.DOUBLE, (index) => doubles(index, 8, (data, at, rows) => new Float64Array(data, at, rows))],
  [DuckDBTypeId.HUGEINT, numbersByItem],
  [DuckDBTypeId.UHUGEINT, numbersByItem],
  [DuckDBTypeId.DECIMAL, decimals],
  [DuckDBTypeId.TIMESTAMP, (index) => bigints('timestamp', rawVector(index, 8), copyInt64)],
  [DuckDBTypeId.TIMESTAMP_TZ, (index) => bigints('timestamp', rawVector(index, 8), copyInt64)],
  [
    DuckDBTypeId.TIMESTAMP_S,
    (index) =>
      bigints('timestamp', rawVector(index, 8), (data, at, rows) =>
        copyInt64(data, at, rows).map((value) => value * 1_000_000n),
      ),
  ],
  [
    DuckDBTypeId.TIMESTAMP_MS,
    (index) =>
      bigints('timestamp', rawVector(index, 8), (data, at, rows) =>
        copyInt64(data, at, rows).map((value) => value * 1000n),
      ),
  ],
  [
    DuckDBTypeId.TIMESTAMP_NS,
    (index) =>
      bigints('timestamp', rawVector(index, 8), (data, at, rows) => copyInt64(data, at, rows).map(floorToMicros)),
  ],
  [DuckDBTypeId.VARCHAR, (index) => texts(rawVector(index, 16))],
  [DuckDBTypeId.ENUM, textsByItem],
  [DuckDBTypeId.UUID, textsByItem],
])

/**
 * The decoder of one result column, by its DuckDB type.
 * @throws MartletError COLUMN_TYPE_UNSUPPORTED when no vector holds that type
 */
export function columnDecoder(index: number, name: string, type: DuckDBType): ColumnDecoder {
  const make = DECODERS.get(type.typeId)
  if (make === undefined) {
    throw new MartletError(
      'COLUMN_TYPE_UNSUPPORTED',
      `Column ${JSON.stringify(name)} is of type ${type.toString()}, which cannot be read. ` +
        'Cast it in the query, for example to VARCHAR or DOUBLE.',
      { data: { column: name, type: type.toString() } },
    )
  }
  return make(index, name, type)
}

/** Where the values of rows `from..to` are in memory that DuckDB owns. */
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
    return {
      data: bytes.buffer,
      at: bytes.byteOffset + from * width,
      rows: to - from,
      nulls: readNulls(vector, chunk.rowCount, from, to),
    }
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

function integers(
  type: 'integer' | 'date',
  raw: RawVector,
  copy: (data: ArrayBufferLike, at: number, rows: number) => Int32Array,
): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type, values: blank(copy(data, at, rows), nulls, 0), nulls }
  }
}

function bigints(
  type: 'bigint' | 'timestamp',
  raw: RawVector,
  copy: (data: ArrayBufferLike, at: number, rows: number, nulls: Uint8Array | null) => BigInt64Array,
): ColumnDecoder {
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    return { type, values: blank(copy(data, at, rows, nulls), nulls, 0n), nulls }
  }
}

function doubles(
  index: number,
  width: number,
  view: (data: ArrayBufferLike, at: number, rows: number) => Float64Array | Float32Array,
): ColumnDecoder {
  const raw = rawVector(index, width)
  return (chunk, from, to, into) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    const values = into === undefined ? new Float64Array(rows) : into.subarray(0, rows)
    values.set(view(data, at, rows))
    if (index % SHOWN_OF !== 0) release(data)
    return { type: 'double', values: blank(values, nulls, 0), nulls }
  }
}

/**
 * V8 takes DuckDB's memory for its own as long as an array shows it, and marks its whole heap for every 30 MB. If it saw nothing of
 * that memory, it would collect too seldom: a chunk is freed with its object.
 */
function release(data: ArrayBufferLike): void {
  if (data instanceof ArrayBuffer) data.transfer(0)
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

function copyInt32(data: ArrayBufferLike, at: number, rows: number): Int32Array {
  return new Int32Array(data, at, rows).slice()
}

function copyInt64(data: ArrayBufferLike, at: number, rows: number): BigInt64Array {
  return new BigInt64Array(data, at, rows).slice()
}

function floorToMicros(nanos: bigint): bigint {
  const micros = nanos / 1000n
  return nanos < micros * 1000n ? micros - 1n : micros
}

/** @param values without what DuckDB has left at nulls, which may be any bits */
function signed(name: string, values: BigUint64Array<ArrayBuffer>): BigInt64Array {
  const row = values.findIndex((value) => value > 0x7fff_ffff_ffff_ffffn)
  if (row >= 0) {
    throw new MartletError(
      'VALUE_OUT_OF_RANGE',
      `Column ${JSON.stringify(name)} holds ${values[row]}, which is above 2^63 - 1. Cast it to DOUBLE or VARCHAR.`,
      { data: { column: name, value: String(values[row]) } },
    )
  }
  return new BigInt64Array(values.buffer)
}

function numbersByItem(index: number): ColumnDecoder {
  return (chunk, from, to) => {
    const { items, nulls } = readItems(chunk, index, from, to)
    return { type: 'double', values: Float64Array.from(items, toNumber), nulls }
  }
}

function decimals(index: number, _: string, given: DuckDBType): ColumnDecoder {
  if (!(given instanceof DuckDBDecimalType)) return numbersByItem(index)
  const type = { decimal: [given.width, given.scale] } as const
  if (!isWideDecimal(type)) return numbersByItem(index)
  const words = given.width > INT64_DIGITS ? 2 : 1
  const raw = rawVector(index, 8 * words)
  return (chunk, from, to) => {
    const { data, at, rows, nulls } = raw(chunk, from, to)
    const unitsAt = words === 1 ? narrowUnits(data, at, rows) : wideUnits(data, at, rows)
    const values: bigint[] = []
    for (let row = 0; row < rows; row++) values.push(nulls?.[row] === 1 ? 0n : unitsAt(row))
    return { type, values, nulls }
  }
}

function narrowUnits(data: ArrayBufferLike, at: number, rows: number): (row: number) => bigint {
  const cells = new BigInt64Array(data, at, rows)
  return (row) => cells[row] ?? 0n
}

// Most values need only their lower half; looking at it as 32-bit numbers saves the bigints of the upper one.
function wideUnits(data: ArrayBufferLike, at: number, rows: number): (row: number) => bigint {
  const cells = new BigInt64Array(data, at, 2 * rows)
  const quarters = new Int32Array(data, at, 4 * rows)
  return (row) => {
    const sign = (quarters[4 * row + 1] ?? 0) >> 31
    const low = cells[2 * row] ?? 0n
    if (quarters[4 * row + 2] === sign && quarters[4 * row + 3] === sign) return low
    return ((cells[2 * row + 1] ?? 0n) << 64n) | BigInt.asUintN(64, low)
  }
}

function textsByItem(index: number): ColumnDecoder {
  return (chunk, from, to) => {
    const { items, nulls } = readItems(chunk, index, from, to)
    return { type: 'text', values: items.map((item) => (item === null ? '' : String(item))), nulls }
  }
}

function readItems(
  chunk: DuckDBDataChunk | null,
  index: number,
  from: number,
  to: number,
): { items: DuckDBValue[]; nulls: Uint8Array | null } {
  const vector = chunk?.getColumnVector(index)
  const items = Array.from({ length: to - from }, (_, row) => vector?.getItem(from + row) ?? null)
  return { items, nulls: items.includes(null) ? Uint8Array.from(items, (item) => (item === null ? 1 : 0)) : null }
}

function toNumber(item: DuckDBValue): number {
  if (item === null) return 0
  // Through text, so that the double is the closest one whatever the precision.
  return item instanceof DuckDBDecimalValue ? Number(item.toString()) : Number(item)
}
