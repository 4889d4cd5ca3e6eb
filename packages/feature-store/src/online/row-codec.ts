import { hash } from 'node:crypto'
import {
  decimalNumber,
  decimalValue,
  isDecimalVector,
  isWideDecimal,
  MartletError,
  typeText,
  type ColumnBatch,
  type ColumnType,
  type ColumnVector,
  type DecimalType,
} from '@martlet/warehouse'
import type { ByteWriter } from './byte-writer.ts'
import { storageOf } from './key-value.ts'

/** Decimals of up to 15 digits are stored as doubles, which have the same digits. */
export type RowFieldType = Exclude<ColumnType, object> | DecimalType

/** Where one feature lies in a stored row. */
export interface RowField {
  readonly name: string
  readonly type: RowFieldType
  /** Its bit in the null bitmap. */
  readonly index: number
  /** Its bytes in the fixed part; for text the end of its bytes in the text part. */
  readonly offset: number
  /** For text: the offset of the text before it, or 0 when it is the first. */
  readonly previous: number
}

/**
 * The layout of a view's rows: fingerprint (8 bytes), null bitmap, fixed part (decimal of more than 15 digits 16 in
 * units of its last digit; double, bigint, timestamp 8; integer, date, text end 4; boolean 1), then the UTF-8 of all
 * text features. Little-endian; a null takes its room as zeros.
 */
export interface RowCodec {
  readonly fields: readonly RowField[]
  /**
   * The first 8 bytes of every row: SHA-256 over names and types, so that a row of another definition is recognized.
   */
  readonly fingerprint: Uint8Array
  /** Bytes up to the end of the fixed part: no row is shorter. */
  readonly size: number
}

const DECIMAL_WIDTH = 16
const WIDTH: Readonly<Record<Extract<RowFieldType, string>, number>> = {
  double: 8,
  bigint: 8,
  timestamp: 8,
  integer: 4,
  date: 4,
  text: 4,
  boolean: 1,
}
const BITMAP = 8

/** Compiles the row layout of some features, in order. */
export function rowCodec(features: readonly { readonly name: string; readonly type: ColumnType }[]): RowCodec {
  const schema = features.map(({ name, type }): [string, RowFieldType] => [
    name,
    isWideDecimal(type) ? { decimal: type.decimal } : storageOf(type),
  ])
  let offset = BITMAP + Math.ceil(features.length / 8)
  let previous = 0
  const fields = schema.map(([name, type], index): RowField => {
    const field = { name, type, index, offset, previous }
    if (type === 'text') previous = offset
    offset += typeof type === 'string' ? WIDTH[type] : DECIMAL_WIDTH
    return field
  })
  return {
    fields,
    fingerprint: new Uint8Array(hash('sha256', JSON.stringify(schema), 'buffer').subarray(0, 8)),
    size: offset,
  }
}

/**
 * Binds the feature columns of a batch, found by name; the function writes one row. Throws `BAD_FEATURE_BATCH` for a
 * missing or wrongly typed column.
 */
export function rowWriter(codec: RowCodec, batch: ColumnBatch): (out: ByteWriter, row: number) => void {
  const columns = codec.fields.map((field): { field: RowField; vector: ColumnVector } => {
    const vector = batch.columns[batch.names.indexOf(field.name)]
    if (vector !== undefined && holds(field.type, vector)) return { field, vector }
    const problem =
      vector === undefined
        ? `is not in the batch (it has ${batch.names.join(', ')})`
        : `is ${typeText(vector.type)} in the batch, but ${typeText(field.type)} in the view`
    throw new MartletError('BAD_FEATURE_BATCH', `Feature ${field.name} ${problem}.`, { data: { feature: field.name } })
  })
  return (out, row) => {
    const start = out.length
    out.reserve(codec.size)
    out.bytes.fill(0, start, start + codec.size)
    out.bytes.set(codec.fingerprint, start)
    out.length = start + codec.size
    for (const { field, vector } of columns) {
      if (vector.nulls !== null && vector.nulls[row] === 1) {
        const byte = start + BITMAP + (field.index >> 3)
        out.bytes[byte] = (out.bytes[byte] ?? 0) | (1 << (field.index & 7))
        if (vector.type === 'text') out.view.setUint32(start + field.offset, out.length - start - codec.size, true)
      } else if (typeof field.type === 'object')
        writeUnits(out, start + field.offset, unitsOf(vector, row, field.type.decimal[1]))
      else writeCell(out, start + field.offset, vector, row, start + codec.size)
    }
  }
}

/** Snowflake gives decimals without digits after the point as whole numbers. */
function holds(type: RowFieldType, vector: ColumnVector): boolean {
  if (typeof type === 'string') return vector.type === type
  if (isDecimalVector(vector)) return vector.type.decimal[1] <= type.decimal[1]
  return vector.type === 'bigint' || vector.type === 'integer'
}

function unitsOf(vector: ColumnVector, row: number, scale: number): bigint {
  const units = BigInt(vector.values[row] ?? 0n)
  const digits = isDecimalVector(vector) ? vector.type.decimal[1] : 0
  return digits === scale ? units : units * 10n ** BigInt(scale - digits)
}

function writeUnits(out: ByteWriter, at: number, units: bigint): void {
  out.view.setBigInt64(at, BigInt.asIntN(64, units), true)
  out.view.setBigInt64(at + 8, units >> 64n, true)
}

function writeCell(out: ByteWriter, at: number, vector: ColumnVector, row: number, text: number): void {
  switch (vector.type) {
    case 'double':
      return out.view.setFloat64(at, vector.values[row] ?? 0, true)
    case 'bigint':
    case 'timestamp':
      return out.view.setBigInt64(at, vector.values[row] ?? 0n, true)
    case 'integer':
    case 'date':
      return out.view.setInt32(at, vector.values[row] ?? 0, true)
    case 'boolean':
      return out.view.setUint8(at, vector.values[row] ?? 0)
    case 'text':
      out.text(vector.values[row] ?? '')
      return out.view.setUint32(at, out.length - text, true)
  }
}

/** True when the row was written by this codec. */
export function fitsCodec(codec: RowCodec, row: Uint8Array): boolean {
  const { fingerprint } = codec
  return (
    row[0] === fingerprint[0] &&
    row[1] === fingerprint[1] &&
    row[2] === fingerprint[2] &&
    row[3] === fingerprint[3] &&
    row[4] === fingerprint[4] &&
    row[5] === fingerprint[5] &&
    row[6] === fingerprint[6] &&
    row[7] === fingerprint[7] &&
    row.length >= codec.size
  )
}

const scratch = new DataView(new ArrayBuffer(8))
const scratchBytes = new Uint8Array(scratch.buffer)

function load(row: Uint8Array, at: number): DataView {
  scratchBytes[0] = row[at] ?? 0
  scratchBytes[1] = row[at + 1] ?? 0
  scratchBytes[2] = row[at + 2] ?? 0
  scratchBytes[3] = row[at + 3] ?? 0
  scratchBytes[4] = row[at + 4] ?? 0
  scratchBytes[5] = row[at + 5] ?? 0
  scratchBytes[6] = row[at + 6] ?? 0
  scratchBytes[7] = row[at + 7] ?? 0
  return scratch
}

/** True when the field is null in this row. */
export function isNullField(row: Uint8Array, field: RowField): boolean {
  return ((row[BITMAP + (field.index >> 3)] ?? 0) & (1 << (field.index & 7))) !== 0
}

/** A non-null `double` field. */
export function readDouble(row: Uint8Array, field: RowField): number {
  return load(row, field.offset).getFloat64(0, true)
}

/** A non-null `bigint` or `timestamp` field. */
export function readBigint(row: Uint8Array, field: RowField): bigint {
  return load(row, field.offset).getBigInt64(0, true)
}

/** A non-null decimal field, in units of its last digit. */
export function readUnits(row: Uint8Array, field: RowField): bigint {
  const small = smallUnits(row, field.offset)
  if (small !== undefined) return BigInt(small)
  const low = load(row, field.offset).getBigUint64(0, true)
  return (load(row, field.offset + 8).getBigInt64(0, true) << 64n) | low
}

/** A non-null decimal field as the nearest double. */
export function readDecimalNumber(row: Uint8Array, field: RowField): number {
  const scale = scaleOf(field)
  const small = smallUnits(row, field.offset)
  return small !== undefined && scale < POWERS.length
    ? small / (POWERS[scale] ?? 1)
    : decimalNumber(readUnits(row, field), scale)
}

/** A non-null decimal field as a number where that has the same digits, and as its digits otherwise. */
export function readDecimal(row: Uint8Array, field: RowField): number | string {
  const small = smallUnits(row, field.offset)
  return small !== undefined && small > -SAFE && small < SAFE
    ? readDecimalNumber(row, field)
    : decimalValue(readUnits(row, field), scaleOf(field))
}

/** Digits after the point of a decimal field. */
export function scaleOf({ type }: RowField): number {
  return typeof type === 'object' ? type.decimal[1] : 0
}

/** Up to so many units, the nearest double has the digits of the decimal. */
const SAFE = 1e15
/** Powers of ten that doubles hold exactly, so that dividing by them rounds once. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** The units of a decimal if they have at most 53 bits: most have, and need no bigint. */
function smallUnits(row: Uint8Array, at: number): number | undefined {
  const high = int32(row, at + 4)
  const sign = high >> 31
  if (int32(row, at + 8) !== sign || int32(row, at + 12) !== sign || high < -0x20_0000 || high >= 0x20_0000)
    return undefined
  return high * 0x1_0000_0000 + (int32(row, at) >>> 0)
}

/** A non-null `integer`, `date` or `boolean` field. */
export function readInteger(row: Uint8Array, field: RowField): number {
  return field.type === 'boolean' ? (row[field.offset] ?? 0) : int32(row, field.offset)
}

function int32(row: Uint8Array, at: number): number {
  return (row[at] ?? 0) | ((row[at + 1] ?? 0) << 8) | ((row[at + 2] ?? 0) << 16) | ((row[at + 3] ?? 0) << 24)
}

/** A non-null `text` field. */
export function readText(codec: RowCodec, row: Uint8Array, field: RowField): string {
  const start = field.previous === 0 ? 0 : int32(row, field.previous)
  const end = int32(row, field.offset)
  if (start === end) return ''
  return Buffer.from(row.buffer, row.byteOffset + codec.size + start, end - start).toString('utf8')
}
