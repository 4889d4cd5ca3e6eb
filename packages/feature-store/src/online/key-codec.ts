import { hash } from 'node:crypto'
import {
  decimalText,
  isDecimalVector,
  isWideDecimal,
  MartletError,
  typeText,
  type ColumnBatch,
  type ColumnVector,
} from '@martlet/warehouse'
import { ByteWriter } from './byte-writer.ts'
import { badKey, keyStorageOf, storageOf, type KeyColumn, type KeyValue } from './key-value.ts'
import { MAX_KEY_BYTES } from './limits.ts'
import { storedKey } from './stored-key.ts'

/**
 * Turns the key of one entity into bytes. Equal keys give equal bytes, and bytes sort as the columns do, in declared
 * order.
 */
export interface KeyCodec {
  readonly columns: readonly KeyColumn[]
  /**
   * Other columns of `values` are ignored.
   *
   * @throws MartletError `BAD_ENTITY_KEY`, naming the column, when a value is missing, null or of another type
   */
  encode(values: Readonly<Record<string, KeyValue>>): Buffer
  /**
   * Binds the key columns of a batch. The function writes the key of one row; it throws `BAD_ENTITY_KEY` for a null.
   */
  writer(batch: ColumnBatch): (out: ByteWriter, row: number) => void
}

const PLAIN = 1
const HASHED = 2

/**
 * Compiles the codec of an entity's key columns.
 *
 * Layout: one kind byte, then each column so that it ends by itself: integers, timestamps, dates and doubles in 8
 * bytes, decimals of more than 15 digits in 16, booleans in 1, text in UTF-8 with NUL escaped and a terminator (none
 * in the last column). A key longer than {@link MAX_KEY_BYTES} is its SHA-256 behind another kind byte.
 */
export function keyCodec(columns: readonly KeyColumn[]): KeyCodec {
  const scratch = new ByteWriter(256)
  const last = columns.length - 1
  return {
    columns,
    encode(values) {
      scratch.length = 0
      begin(scratch)
      for (const [index, column] of columns.entries()) putValue(scratch, column, values[column.name], index === last)
      seal(scratch, 0)
      return Buffer.from(scratch.bytes.subarray(0, scratch.length))
    },
    writer(batch) {
      const vectors = columns.map((column) => keyVector(batch, column))
      return (out, row) => {
        const start = out.length
        begin(out)
        for (const [index, { column, vector }] of vectors.entries()) {
          if (vector.nulls !== null && vector.nulls[row] === 1) throw badKey(column, null)
          putCell(out, column, vector, row, index === last)
        }
        seal(out, start)
      }
    },
  }
}

function keyVector(batch: ColumnBatch, column: KeyColumn): { column: KeyColumn; vector: ColumnVector } {
  const vector = batch.columns[batch.names.indexOf(column.name)]
  // Text is exact; numbers are taken one by one, as long as they are.
  if (
    vector !== undefined &&
    (vector.type === keyStorageOf(column.type) ||
      (isWideDecimal(column.type) && (vector.type === 'double' || isDecimalVector(vector))))
  )
    return { column, vector }
  const problem =
    vector === undefined
      ? `is not in the batch (it has ${batch.names.join(', ')})`
      : `is ${typeText(vector.type)} in the batch, but ${keyStorageOf(column.type)} in the view`
  throw new MartletError('BAD_FEATURE_BATCH', `Key column ${column.name} ${problem}.`, {
    data: { column: column.name },
  })
}

function begin(out: ByteWriter): void {
  out.reserve(1)
  out.bytes[out.length++] = PLAIN
}

function seal(out: ByteWriter, start: number): void {
  if (out.length - start <= MAX_KEY_BYTES) return
  const digest = hash('sha256', out.bytes.subarray(start, out.length), 'buffer')
  out.length = start
  out.bytes[out.length++] = HASHED
  out.append(digest)
}

function putValue(out: ByteWriter, column: KeyColumn, value: unknown, last: boolean): void {
  const stored = storedKey(column.type, value)
  switch (typeof stored) {
    case 'string':
      return putText(out, stored, last)
    case 'number':
      return storageOf(column.type) === 'double' ? putDouble(out, stored) : putSafeInteger(out, stored)
    case 'bigint':
      return isWideDecimal(column.type) ? putDecimal(out, stored) : putBigint(out, stored)
    case 'boolean':
      return putBoolean(out, stored)
    default:
      throw badKey(column, value)
  }
}

function putCell(out: ByteWriter, column: KeyColumn, vector: ColumnVector, row: number, last: boolean): void {
  if (isDecimalVector(vector))
    return putValue(out, column, decimalText(vector.values[row] ?? 0n, vector.type.decimal[1]), last)
  switch (vector.type) {
    case 'text':
      return putValue(out, column, vector.values[row] ?? '', last)
    case 'double':
      return putValue(out, column, vector.values[row] ?? Number.NaN, last)
    case 'bigint':
    case 'timestamp':
      return putBigint(out, vector.values[row] ?? 0n)
    case 'integer':
    case 'date':
      return putSafeInteger(out, vector.values[row] ?? 0)
    case 'boolean':
      return putBoolean(out, vector.values[row] === 1)
  }
}

function putText(out: ByteWriter, value: string, last: boolean): void {
  if (last) return out.text(value)
  out.text(value.includes('\0') ? value.replaceAll('\0', '\0\u0001') : value)
  out.reserve(2)
  out.bytes[out.length++] = 0
  out.bytes[out.length++] = 0
}

function putSafeInteger(out: ByteWriter, value: number): void {
  out.reserve(8)
  out.view.setInt32(out.length, Math.floor(value / 0x1_0000_0000) ^ 0x8000_0000)
  out.view.setUint32(out.length + 4, value >>> 0)
  out.length += 8
}

function putBigint(out: ByteWriter, value: bigint): void {
  out.reserve(8)
  out.view.setBigInt64(out.length, value)
  out.view.setUint8(out.length, out.view.getUint8(out.length) ^ 0x80)
  out.length += 8
}

function putDecimal(out: ByteWriter, units: bigint): void {
  const shifted = units + (1n << 127n)
  out.reserve(16)
  out.view.setBigUint64(out.length, shifted >> 64n)
  out.view.setBigUint64(out.length + 8, BigInt.asUintN(64, shifted))
  out.length += 16
}

function putDouble(out: ByteWriter, value: number): void {
  out.reserve(8)
  out.view.setFloat64(out.length, value === 0 ? 0 : value)
  const high = out.view.getInt32(out.length)
  out.view.setInt32(out.length, high < 0 ? ~high : high ^ 0x8000_0000)
  if (high < 0) out.view.setInt32(out.length + 4, ~out.view.getInt32(out.length + 4))
  out.length += 8
}

function putBoolean(out: ByteWriter, value: boolean): void {
  out.reserve(1)
  out.bytes[out.length++] = value ? 1 : 0
}
