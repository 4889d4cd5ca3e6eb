import { MartletError } from '@martlet/warehouse'

/** The part of an array that a protobuf message takes. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One field as it is encoded: its tag begins at `start`, its payload is from `from` to `to`. */
export interface WireField extends Span {
  readonly number: number
  readonly wire: 0 | 1 | 2 | 5
  readonly start: number
}

// A byte order mark is part of a name: names that differ in it are different.
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function malformed(what: string, offset: number): MartletError {
  return new MartletError(
    'ONNX_MALFORMED',
    `This is not a whole ONNX model: ${what} at byte ${offset}. ` +
      'Export the model again and check that the file was copied completely.',
    { data: { what, offset } },
  )
}

/** Yields the fields of a message in the order in which they are stored, unknown ones too. */
export function* fieldsOf(bytes: Uint8Array, { from, to }: Span): Generator<WireField, void> {
  let at = from
  while (at < to) {
    const start = at
    const { value: tag, next: payload } = varintAt(bytes, at, to)
    at = payload
    const number = Number(tag) >>> 3
    const wire = Number(tag) & 7
    if (number < 1 || tag > 0xffffffff) throw malformed(`the field tag ${tag}`, start)
    if (wire === 0) {
      const { next } = varintAt(bytes, at, to)
      yield { number, wire, start, from: at, to: next }
      at = next
    } else if (wire === 2) {
      const length = varintAt(bytes, at, to)
      if (length.value > to - length.next)
        throw malformed(`a field of ${length.value} bytes where ${to - length.next} are left`, start)
      const end = length.next + Number(length.value)
      yield { number, wire, start, from: length.next, to: end }
      at = end
    } else if (wire === 1 || wire === 5) {
      const end = at + (wire === 1 ? 8 : 4)
      if (end > to) throw malformed('a number that is cut off', start)
      yield { number, wire, start, from: at, to: end }
      at = end
    } else {
      throw malformed(`wire type ${wire}`, start)
    }
  }
}

/** The payload of a field that must be a message, bytes or text. */
export function lengthDelimited(field: WireField): Span {
  if (field.wire !== 2)
    throw malformed(`field ${field.number} with wire type ${field.wire} in place of a length`, field.start)
  return field
}

/** The payload of a field that must be an integer, as int64. */
export function integerOf(bytes: Uint8Array, field: WireField): bigint {
  if (field.wire !== 0)
    throw malformed(`field ${field.number} with wire type ${field.wire} in place of an integer`, field.start)
  return BigInt.asIntN(64, BigInt(varintAt(bytes, field.from, field.to).value))
}

/** Like `integerOf` for values that must fit a double, such as type codes and dimensions. */
export function smallIntegerOf(bytes: Uint8Array, field: WireField): number {
  const value = Number(integerOf(bytes, field))
  if (!Number.isSafeInteger(value)) throw malformed(`the integer ${value}`, field.start)
  return value
}

export function textOf(bytes: Uint8Array, field: WireField): string {
  const { from, to } = lengthDelimited(field)
  try {
    return text.decode(bytes.subarray(from, to))
  } catch {
    throw malformed('text that is not UTF-8', from)
  }
}

/** Integers of a repeated field, packed or not. */
export function integersOf(bytes: Uint8Array, field: WireField): bigint[] {
  if (field.wire !== 2) return [integerOf(bytes, field)]
  const values: bigint[] = []
  let at = field.from
  while (at < field.to) {
    const { value, next } = varintAt(bytes, at, field.to)
    values.push(BigInt.asIntN(64, BigInt(value)))
    at = next
  }
  return values
}

/** Reads an integer. Small values are numbers: a big model has millions of fields, and bigints would be slow. */
function varintAt(
  bytes: Uint8Array,
  from: number,
  to: number,
): { readonly value: number | bigint; readonly next: number } {
  const first = bytes[from]
  if (first !== undefined && first < 0x80 && from < to) return { value: first, next: from + 1 }
  let value = 0n
  for (let at = from; at < from + 10; at += 1) {
    const byte = at < to ? bytes[at] : undefined
    if (byte === undefined) throw malformed('an integer that is cut off', from)
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - from))
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + 1 }
  }
  throw malformed('an integer of more than ten bytes', from)
}
