import { elementTypeName } from './element-type.ts'
import { ONNX_SCHEMA, type MessageName } from './onnx-schema.ts'
import {
  fieldsOf,
  integerOf,
  lengthDelimited,
  malformed,
  smallIntegerOf,
  textOf,
  type Span,
  type WireField,
} from './wire.ts'

/** What was found anywhere in a file, including nested graphs, functions and training graphs. */
export interface ModelScan {
  /** The names that a node or a nested graph reads. */
  readonly used: Set<string>
  /** The tensors whose data are in another file. */
  readonly external: Set<string>
  /** The element types of weights. */
  readonly elements: Set<string>
  /** Fields that are not in the ONNX schema known here and could hold tensors, such as `Attribute.24`. */
  readonly unknown: Set<string>
  /** The lengths in bytes of constant texts that a model may output: values of attributes and of weights. */
  readonly texts: Set<number>
}

const MAX_DEPTH = 32

/** Visits every message that can hold a tensor, guided by the schema so that none is forgotten. */
export function scanModel(bytes: Uint8Array): ModelScan {
  const scan: ModelScan = {
    used: new Set(),
    external: new Set(),
    elements: new Set(),
    unknown: new Set(),
    texts: new Set(),
  }
  scanMessage(bytes, 'Model', { from: 0, to: bytes.length }, scan, 0)
  return scan
}

/** @param depth how many graphs contain this one */
function scanMessage(bytes: Uint8Array, name: MessageName, span: Span, scan: ModelScan, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`graphs nested more than ${MAX_DEPTH} deep`, span.from)
  if (name === 'Tensor') return scanTensor(bytes, span, scan)
  const { messages, single } = ONNX_SCHEMA[name]
  const seen = new Set<number>()
  for (const field of fieldsOf(bytes, span)) {
    const inner = messages[field.number]
    if (inner === undefined) {
      noteUnknown(name, field, scan)
      if (name === 'Attribute' && (field.number === 4 || field.number === 9)) scan.texts.add(field.to - field.from)
      if (name === 'Node' && field.number === 1) scan.used.add(textOf(bytes, field))
      // A nested graph may output a value of the graph around it.
      if (name === 'Graph' && field.number === 12 && depth > 1) scan.used.add(nameOf(bytes, lengthDelimited(field)))
      continue
    }
    // A runtime would merge the two.
    if (single.includes(field.number) && seen.has(field.number))
      throw malformed(`a second field ${field.number} of one ${name}`, field.start)
    seen.add(field.number)
    // The names in a function are its own.
    const into = inner === 'Function' ? { ...scan, used: new Set<string>() } : scan
    scanMessage(bytes, inner, lengthDelimited(field), into, inner === 'Graph' ? depth + 1 : depth)
  }
}

function scanTensor(bytes: Uint8Array, span: Span, scan: ModelScan): void {
  let name = ''
  let external = false
  for (const field of fieldsOf(bytes, span)) {
    noteUnknown('Tensor', field, scan)
    if (field.number === 2) scan.elements.add(elementTypeName(smallIntegerOf(bytes, field)))
    else if (field.number === 6) scan.texts.add(field.to - field.from)
    else if (field.number === 8) name = textOf(bytes, field)
    else if (field.number === 13) external = true
    // 0 is "in this file"; protobuf reads other numbers modulo 2^32.
    else if (field.number === 14) external ||= integerOf(bytes, field) !== 0n
  }
  if (external) scan.external.add(name)
}

function noteUnknown(message: MessageName, field: WireField, scan: ModelScan): void {
  // Only fields with a length can hold a message.
  if (field.wire === 2 && !ONNX_SCHEMA[message].values.includes(field.number))
    scan.unknown.add(`${message}.${field.number}`)
}

function nameOf(bytes: Uint8Array, value: Span): string {
  let name = ''
  for (const field of fieldsOf(bytes, value)) if (field.number === 1) name = textOf(bytes, field)
  return name
}
