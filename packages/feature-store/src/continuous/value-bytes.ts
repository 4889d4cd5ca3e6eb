import type { ColumnType } from '@martlet/warehouse'
import type { ByteWriter } from '../online/byte-writer.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import type { ByteReader } from './byte-reader.ts'
import { putBig, putByte, putDouble, putText } from './bytes-of.ts'

/** Values of a type that is known, none of them null, as bytes. */
export interface ValueBytes {
  write(out: ByteWriter, value: Exclude<Value, null>): void
  read(from: ByteReader): Exclude<Value, null>
}

const TEXT: ValueBytes = {
  write: (out, value) => putText(out, String(value)),
  read: (from) => from.text(),
}
const DOUBLE: ValueBytes = {
  write: (out, value) => putDouble(out, Number(value)),
  read: (from) => from.double(),
}
const BOOLEAN: ValueBytes = {
  write: (out, value) => putByte(out, value === true ? 1 : 0),
  read: (from) => from.byte() === 1,
}
const WHOLE: ValueBytes = {
  write: (out, value) => putBig(out, BigInt(value)),
  read: (from) => from.big(),
}

/** How values of a type are written: whole numbers, decimals, dates and times as expressions have them. */
export function valueBytes(type: ColumnType): ValueBytes {
  if (type === 'text') return TEXT
  if (type === 'double') return DOUBLE
  return type === 'boolean' ? BOOLEAN : WHOLE
}
