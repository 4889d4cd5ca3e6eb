import { MartletError } from '@martlet/warehouse'
import { elementTypeName } from './element-type.ts'
import { readOnnx } from './onnx-graph.ts'
import { ONNX_SCHEMA, type MessageName } from './onnx-schema.ts'
import { fieldsOf, integerOf, integersOf, lengthDelimited, smallIntegerOf, textOf, type Span } from './wire.ts'
import { bytesField } from '../../protobuf/wire-writer.ts'

/** The files that hold weights of a model, by the name that the model has for them: `weights.bin` or `model/weights.bin`. */
export type ExternalData = Readonly<Record<string, Uint8Array>>

/** What protobuf, and so onnxruntime, can read as one message. */
export const LARGEST_MODEL: number = 2 ** 31 - 1

/** Bits of one value, of the element types that may be in another file. */
const BITS: Readonly<Record<string, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  bfloat16: 16,
  uint4: 4,
  int4: 4,
}

/**
 * Puts weights from other files into the model file. Every tensor is looked for wherever the ONNX schema allows one, and its
 * place in the file and its length are checked.
 *
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole model
 * @throws MartletError ONNX_EXTERNAL_DATA when a file is missing, or does not hold what the model says
 * @throws MartletError ONNX_TOO_LARGE when the whole would have 2 GiB or more
 */
export function inlineExternalData(bytes: Uint8Array, files: ExternalData): Uint8Array {
  if (readOnnx(bytes).scan.external.size === 0) return bytes
  return joined(inlined(bytes, 'Model', { from: 0, to: bytes.length }, files))
}

/**
 * The files that the model's weights are in, each once.
 *
 * @throws MartletError ONNX_EXTERNAL_DATA when a place is not a relative path inside the folder of the model
 */
export function externalLocations(bytes: Uint8Array): readonly string[] {
  if (readOnnx(bytes).scan.external.size === 0) return []
  const found = new Set<string>()
  visit(bytes, 'Model', { from: 0, to: bytes.length }, found)
  return [...found]
}

function visit(bytes: Uint8Array, name: MessageName, span: Span, found: Set<string>): void {
  if (name === 'Tensor') {
    const tensor = readTensor(bytes, span)
    if (tensor.external) found.add(placeOf(tensor).location)
    return
  }
  for (const field of fieldsOf(bytes, span)) {
    const inner = ONNX_SCHEMA[name].messages[field.number]
    if (inner !== undefined) visit(bytes, inner, lengthDelimited(field), found)
  }
}

/** A message in pieces, which are joined once. */
function inlined(bytes: Uint8Array, name: MessageName, span: Span, files: ExternalData): readonly Uint8Array[] {
  if (name === 'Tensor') return inlinedTensor(bytes, span, files)
  const pieces: Uint8Array[] = []
  for (const field of fieldsOf(bytes, span)) {
    const inner = ONNX_SCHEMA[name].messages[field.number]
    if (inner === undefined) pieces.push(bytes.subarray(field.start, field.to))
    else pieces.push(...wrapped(field.number, inlined(bytes, inner, lengthDelimited(field), files)))
  }
  return pieces
}

function inlinedTensor(bytes: Uint8Array, span: Span, files: ExternalData): readonly Uint8Array[] {
  const tensor = readTensor(bytes, span)
  if (!tensor.external) return [bytes.subarray(span.from, span.to)]
  const kept = [...fieldsOf(bytes, span)]
    .filter(({ number }) => ![9, 13, 14].includes(number))
    .map((field) => bytes.subarray(field.start, field.to))
  return [...kept, ...wrapped(9, [dataOf(tensor, files)])]
}

/** A field of pieces, with its tag and length before them. */
function wrapped(number: number, pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const length = sizeOf(pieces)
  if (length > LARGEST_MODEL) throw tooLarge(length)
  return [bytesField(number, new Uint8Array(), length), ...pieces]
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const size = sizeOf(pieces)
  if (size > LARGEST_MODEL) throw tooLarge(size)
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function sizeOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0)
}

interface ExternalTensor {
  readonly name: string
  readonly element: string
  /** How many values it has. */
  readonly count: bigint
  readonly external: boolean
  readonly entries: ReadonlyMap<string, string>
}

function readTensor(bytes: Uint8Array, span: Span): ExternalTensor {
  let name = ''
  let element = elementTypeName(0)
  let count = 1n
  let external = false
  const entries = new Map<string, string>()
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) for (const size of integersOf(bytes, field)) count *= size
    else if (field.number === 2) element = elementTypeName(smallIntegerOf(bytes, field))
    else if (field.number === 8) name = textOf(bytes, field)
    else if (field.number === 14) external ||= integerOf(bytes, field) !== 0n
    else if (field.number === 13) {
      external = true
      let [key, value] = ['', '']
      for (const part of fieldsOf(bytes, lengthDelimited(field))) {
        if (part.number === 1) key = textOf(bytes, part)
        if (part.number === 2) value = textOf(bytes, part)
      }
      entries.set(key, value)
    }
  }
  return { name, element, count, external, entries }
}

interface Place {
  readonly location: string
  readonly offset: number
  /** Undefined: to the end of the file. */
  readonly length: number | undefined
}

function placeOf({ name, entries }: ExternalTensor): Place {
  const location = (entries.get('location') ?? '').replace(/^(?:\.\/)+/, '')
  const parts = location.split('/')
  const inside = parts.every((part) => part !== '' && part !== '.' && part !== '..')
  if (!inside || /[\\\0]/.test(location) || /^[a-zA-Z]:/.test(location))
    throw wrong(name, `are at ${JSON.stringify(location)}, which is no file beside the model`)
  return {
    location,
    offset: sizeIn(name, 'offset', entries.get('offset') ?? '0'),
    length: entries.has('length') ? sizeIn(name, 'length', entries.get('length') ?? '') : undefined,
  }
}

function sizeIn(tensor: string, what: string, text: string): number {
  const size = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(size)) return size
  throw wrong(tensor, `have the ${what} ${JSON.stringify(text.slice(0, 40))}, which is no whole number`)
}

/** The bytes of a tensor's values. */
function dataOf(tensor: ExternalTensor, files: ExternalData): Uint8Array {
  const { name, element, count } = tensor
  const { location, offset, length } = placeOf(tensor)
  const file = Object.hasOwn(files, location) ? files[location] : undefined
  if (file === undefined) throw wrong(name, `are in ${JSON.stringify(location)}, which was not given`)
  const bits = BITS[element]
  if (bits === undefined) throw wrong(name, `are ${element}, which cannot be in another file`)
  const needed = (count * BigInt(bits) + 7n) / 8n
  const given = length ?? file.length - offset
  if (BigInt(given) !== needed)
    throw wrong(name, `take ${needed} bytes, and the model says that ${JSON.stringify(location)} has ${given} of them`)
  if (offset + given > file.length)
    throw wrong(name, `end at byte ${offset + given} of ${JSON.stringify(location)}, which has ${file.length}`)
  return file.subarray(offset, offset + given)
}

function wrong(tensor: string, what: string): MartletError {
  return new MartletError(
    'ONNX_EXTERNAL_DATA',
    `The weights ${JSON.stringify(tensor)} ${what}. ` +
      'Keep the files of the export together, or save it as one: onnx.save_model(model, path, save_as_external_data=False).',
    { data: { tensor } },
  )
}

export function tooLarge(bytes: number): MartletError {
  return new MartletError(
    'ONNX_TOO_LARGE',
    `The model has ${bytes} bytes with its weights, and one file holds less than 2 GiB. ` +
      'Export it in a smaller element type, such as float16 or int8.',
    { data: { bytes, largest: LARGEST_MODEL } },
  )
}
