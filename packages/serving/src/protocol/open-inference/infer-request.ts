import { nearestName } from '@martlet/warehouse'
import { isObject } from '../../desk/json/json-object.ts'
import type { Limits } from '../../desk/limits.ts'
import { requiredFeatures, type Required } from '../../desk/model/predict/required-features.ts'
import { Problem } from '../../desk/problem.ts'
import { shown } from '../../desk/shown.ts'
import { datatypeNames, isDatatype, type Datatype, type TensorData } from './datatypes.ts'
import { invalid, unsupported } from './invalid.ts'
import { parseRequest } from './request-json.ts'
import { readBinaryTensor } from './tensor-binary.ts'
import { readJsonTensor } from './tensor-json.ts'

/** One tensor of a request. */
export interface GivenInput {
  /** Where it stands in the request, such as `inputs[0]`. */
  readonly place: string
  readonly name: string
  readonly datatype: Datatype
  readonly shape: readonly number[]
  /**
   * Reads its values.
   *
   * @throws Problem 400 when they do not fit the datatype and the shape
   */
  read(): TensorData
}

export interface RequestedOutput {
  readonly place: string
  readonly name: string
  readonly binary: boolean
  /** The number of classes, for an output that is wanted as classes. */
  readonly classes: number | undefined
}

/** An inference request, as far as it can be checked without its model. */
export interface InferRequest {
  readonly id: string | undefined
  readonly inputs: readonly GivenInput[]
  /** Undefined: all outputs, in the model's order. */
  readonly outputs: readonly RequestedOutput[] | undefined
  /** Whether outputs that do not say are binary. */
  readonly binaryOutputs: boolean
  readonly timeoutMs: number | undefined
  readonly required: Required
}

/** Inputs and outputs that one request may name. */
const MOST_TENSORS = 10_000
/** Dimensions of one tensor. */
const MOST_DIMENSIONS = 8

/**
 * Reads a request: JSON, or JSON of `jsonBytes` bytes and after it the binary data of the inputs.
 *
 * @throws Problem 400 that names the place, 413 for what is over a limit, 501 for what is not supported
 */
export function inferRequest(body: Buffer, jsonBytes: number | undefined, limits: Limits): InferRequest {
  const json = parseRequest(jsonBytes === undefined ? body : body.subarray(0, jsonBytes), limits)
  const parameters = parametersOf(json, '')
  const binary = binaryData(body, jsonBytes)
  const inputs = readInputs(json['inputs'], binary, limits)
  binary.finish()
  const binaryOutputs = flag(parameters, 'parameters', 'binary_data_output') ?? false
  return {
    id: idOf(json['id']),
    inputs,
    outputs: readOutputs(json['outputs'], binaryOutputs),
    binaryOutputs,
    timeoutMs: timeoutOf(parameters['timeout']),
    required: requiredOf(parameters['require_features']),
  }
}

type Parameters = Readonly<Record<string, unknown>>

/** Hands out the bytes after the JSON part, in the order of the inputs. */
interface BinaryData {
  take(size: unknown, place: string): Buffer
  finish(): void
}

function binaryData(body: Buffer, jsonBytes: number | undefined): BinaryData {
  let at = jsonBytes ?? body.length
  return {
    take(size, place) {
      if (jsonBytes === undefined)
        throw invalid(
          place,
          'is given, and the header Inference-Header-Content-Length, which says where data begin, is not',
        )
      if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
        throw invalid(place, `must be a number of bytes, not ${shown(size)}`)
      if (size > body.length - at) throw invalid(place, `is ${size}, and the body ends after ${body.length - at} bytes`)
      at += size
      return body.subarray(at - size, at)
    },
    finish() {
      if (at < body.length) throw invalid('inputs', `do not account for the last ${body.length - at} bytes of the body`)
    },
  }
}

function readInputs(json: unknown, binary: BinaryData, limits: Limits): readonly GivenInput[] {
  if (!Array.isArray(json)) throw invalid('inputs', `must be an array of tensors, not ${shown(json)}`)
  if (json.length === 0) throw invalid('inputs', 'is empty; name at least one')
  checkCount('inputs', json.length)
  const names = new Set<string>()
  let values = 0
  return json.map((entry: unknown, index): GivenInput => {
    const place = `inputs[${index}]`
    const input = objectAt(entry, place)
    const name = nameOf(input, place, names)
    const datatype = datatypeAt(input['datatype'], `${place}.datatype`)
    const { shape, count } = shapeAt(input['shape'], `${place}.shape`, limits)
    values += count
    if (values > limits.valuesPerRequest) throw tooManyValues(values, `${place}.shape`, limits)
    const parameters = parametersOf(input, `${place}.`)
    const size = parameters['binary_data_size']
    refuseSharedMemory(parameters, place)
    if (size === undefined) {
      const data = input['data']
      if (data === undefined) throw invalid(`${place}.data`, 'is missing, and so is parameters.binary_data_size')
      return { place, name, datatype, shape, read: () => readJsonTensor(datatype, data, shape, count, `${place}.data`) }
    }
    if (input['data'] !== undefined) throw invalid(`${place}.data`, 'is given, and so is parameters.binary_data_size')
    const bytes = binary.take(size, `${place}.parameters.binary_data_size`)
    return { place, name, datatype, shape, read: () => readBinaryTensor(datatype, bytes, count, place) }
  })
}

function readOutputs(json: unknown, binaryOutputs: boolean): readonly RequestedOutput[] | undefined {
  if (json === undefined || json === null) return undefined
  if (!Array.isArray(json)) throw invalid('outputs', `must be an array of tensors, not ${shown(json)}`)
  if (json.length === 0) return undefined
  checkCount('outputs', json.length)
  const names = new Set<string>()
  return json.map((entry: unknown, index): RequestedOutput => {
    const place = `outputs[${index}]`
    const output = objectAt(entry, place)
    const name = nameOf(output, place, names)
    const parameters = parametersOf(output, `${place}.`)
    refuseSharedMemory(parameters, place)
    const binary = flag(parameters, `${place}.parameters`, 'binary_data') ?? binaryOutputs
    return { place, name, binary, classes: classesOf(parameters['classification'], place) }
  })
}

function objectAt(json: unknown, place: string): Parameters {
  if (isObject(json)) return json
  throw invalid(place, `must be an object, not ${shown(json)}`)
}

function nameOf({ name }: Parameters, place: string, taken: Set<string>): string {
  if (typeof name !== 'string' || name === '') throw invalid(`${place}.name`, `must be a name, not ${shown(name)}`)
  if (taken.has(name)) throw invalid(`${place}.name`, `is ${shown(name)}, which is there already`)
  taken.add(name)
  return name
}

function datatypeAt(json: unknown, place: string): Datatype {
  if (isDatatype(json)) return json
  const suggestion = typeof json === 'string' ? nearestName(json, datatypeNames) : undefined
  const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
  throw invalid(place, `must be one of ${datatypeNames.join(', ')}, not ${shown(json)}${hint}`)
}

function shapeAt(json: unknown, place: string, limits: Limits): { readonly shape: number[]; readonly count: number } {
  if (!Array.isArray(json)) throw invalid(place, `must be an array of sizes, not ${shown(json)}`)
  if (json.length === 0) throw invalid(place, 'is empty; its first size is the number of rows')
  if (json.length > MOST_DIMENSIONS) throw invalid(place, `has ${json.length} sizes; the most are ${MOST_DIMENSIONS}`)
  const shape: number[] = []
  let count = 1
  for (const [index, size] of json.entries()) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw invalid(`${place}[${index}]`, `must be a whole number of at least 0, not ${shown(size)}`)
    shape.push(size)
    count *= size
    // The product of two such sizes may be more than a number can hold.
    if (size > limits.valuesPerRequest || count > limits.valuesPerRequest) throw tooManyValues(count, place, limits)
  }
  return { shape, count }
}

/** What a request with more values than one may have is refused with. */
export function tooManyValues(values: number, place: string, limits: Limits): Problem {
  const detail = `${place} makes ${values} values; the limit of a request is ${limits.valuesPerRequest}. Send fewer rows.`
  return new Problem(413, 'TOO_MANY_VALUES', detail, { path: place })
}

function checkCount(place: string, count: number): void {
  if (count > MOST_TENSORS) throw invalid(place, `has ${count} entries; the most are ${MOST_TENSORS}`)
}

function parametersOf(owner: Parameters, prefix: string): Parameters {
  const { parameters } = owner
  if (parameters === undefined || parameters === null) return {}
  if (isObject(parameters)) return parameters
  throw invalid(`${prefix}parameters`, `must be an object, not ${shown(parameters)}`)
}

function flag(parameters: Parameters, place: string, name: string): boolean | undefined {
  const value = parameters[name]
  if (value === undefined || typeof value === 'boolean') return value
  throw invalid(`${place}.${name}`, `must be true or false, not ${shown(value)}`)
}

function classesOf(json: unknown, place: string): number | undefined {
  if (json === undefined) return undefined
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json === 0 ? undefined : json
  throw invalid(`${place}.parameters.classification`, `must be a number of classes, not ${shown(json)}`)
}

function refuseSharedMemory(parameters: Parameters, place: string): void {
  if (parameters['shared_memory_region'] === undefined) return
  throw unsupported(`${place}.parameters.shared_memory_region`, 'is not supported: send the data in the body')
}

function idOf(json: unknown): string | undefined {
  if (json === undefined || json === null) return undefined
  if (typeof json === 'string') return json
  throw invalid('id', `must be a string, not ${shown(json)}`)
}

/** Microseconds in a request; 0: no timeout. */
function timeoutOf(json: unknown): number | undefined {
  if (json === undefined) return undefined
  if (typeof json === 'number' && Number.isSafeInteger(json) && json >= 0) return json === 0 ? undefined : json / 1000
  throw invalid('parameters.timeout', `must be a number of microseconds, not ${shown(json)}`)
}

function requiredOf(json: unknown): Required {
  if (json === undefined || json === 'some' || json === 'all') return requiredFeatures(json)
  throw invalid('parameters.require_features', `must be "some" or "all", not ${shown(json)}`)
}
