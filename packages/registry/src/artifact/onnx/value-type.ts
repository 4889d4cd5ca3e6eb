import { elementTypeName } from './element-type.ts'
import { bytesField, integerField, message, textField } from '../../protobuf/wire-writer.ts'
import { fieldsOf, lengthDelimited, malformed, smallIntegerOf, textOf, type Span, type WireField } from './wire.ts'

/** A fixed size, the name of a size that may vary, or null for a size that is not known. */
export type Dimension = number | string | null

/** The type of a graph input or output. */
export type ValueType =
  | { readonly kind: 'tensor'; readonly element: string; readonly shape: readonly Dimension[] | null }
  | { readonly kind: 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'unknown'; readonly description: string }

export interface GraphValue {
  readonly name: string
  readonly type: ValueType
}

const MAX_DEPTH = 16

export function readValue(bytes: Uint8Array, span: Span): GraphValue {
  let name = ''
  let type: ValueType = { kind: 'unknown', description: 'a value without a type' }
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) name = textOf(bytes, field)
    if (field.number === 2) type = readType(bytes, lengthDelimited(field), 0)
  }
  return { name, type }
}

/** Encodes a `ValueInfoProto` that holds a tensor. */
export function tensorValue(name: string, elementCode: number, shape: readonly Dimension[]): Uint8Array {
  const dimensions = shape.map((size) =>
    bytesField(
      1,
      typeof size === 'number'
        ? integerField(1, size)
        : typeof size === 'string'
          ? textField(2, size)
          : new Uint8Array(),
    ),
  )
  const tensor = message(integerField(1, elementCode), bytesField(2, message(...dimensions)))
  return message(textField(1, name), bytesField(2, bytesField(1, tensor)))
}

function readType(bytes: Uint8Array, span: Span, depth: number): ValueType {
  if (depth > MAX_DEPTH) throw malformed(`types nested more than ${MAX_DEPTH} deep`, span.from)
  let type: ValueType = { kind: 'unknown', description: 'a value without a type' }
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) type = readTensor(bytes, lengthDelimited(field))
    else if (field.number === 4)
      type = { kind: 'sequence', description: `a sequence of ${inner(bytes, field, 1, depth)}` }
    else if (field.number === 5) type = { kind: 'map', description: `a map to ${inner(bytes, field, 2, depth)}` }
    else if (field.number === 8) type = { kind: 'sparse tensor', description: 'a sparse tensor' }
    else if (field.number === 9)
      type = { kind: 'optional', description: `an optional ${inner(bytes, field, 1, depth)}` }
    else if (field.number === 7) type = { kind: 'unknown', description: 'an opaque value' }
  }
  return type
}

function inner(bytes: Uint8Array, outer: WireField, number: number, depth: number): string {
  for (const field of fieldsOf(bytes, lengthDelimited(outer)))
    if (field.number === number && field.wire === 2) {
      const type = readType(bytes, field, depth + 1)
      return type.kind === 'tensor' ? `${type.element} tensors` : type.description
    }
  return 'values without a type'
}

function readTensor(bytes: Uint8Array, span: Span): ValueType {
  let element = 'undefined'
  let shape: readonly Dimension[] | null = null
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) element = elementTypeName(smallIntegerOf(bytes, field))
    if (field.number === 2)
      shape = [...fieldsOf(bytes, lengthDelimited(field))]
        .filter(({ number }) => number === 1)
        .map((dimension) => readDimension(bytes, lengthDelimited(dimension)))
  }
  return { kind: 'tensor', element, shape }
}

function readDimension(bytes: Uint8Array, span: Span): Dimension {
  let size: Dimension = null
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) size = smallIntegerOf(bytes, field)
    if (field.number === 2) size = textOf(bytes, field)
  }
  return size === '' || (typeof size === 'number' && size < 0) ? null : size
}
