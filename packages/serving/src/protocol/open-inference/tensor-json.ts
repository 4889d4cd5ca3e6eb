import type { JsonBytes } from '../../desk/json/json-bytes.ts'
import { shown } from '../../desk/shown.ts'
import { emptyData, type Datatype, type TensorData } from './datatypes.ts'
import { halfOf, numberOfHalf } from './half.ts'
import { invalid } from './invalid.ts'

interface Leaf {
  readonly datatype: Datatype
  readonly values: readonly unknown[]
  readonly place: string
}

/**
 * Reads a tensor from JSON: flat in row-major order, or nested as its shape says.
 *
 * @param place where the data stand in the request
 * @throws Problem 400 naming the first value that does not fit
 */
export function readJsonTensor(
  datatype: Datatype,
  json: unknown,
  shape: readonly number[],
  count: number,
  place: string,
): TensorData {
  // One value may come without brackets.
  const values = Array.isArray(json) ? json : count === 1 ? [json] : undefined
  if (values === undefined) throw invalid(place, `must be an array, not ${shown(json)}`)
  const target = emptyData(datatype, count)
  if (!Array.isArray(values[0])) {
    if (values.length !== count)
      throw invalid(place, `has ${values.length} values, and a tensor of the shape [${shape.join(', ')}] has ${count}`)
    fill(target, 0, { datatype, values, place })
  } else readNested(target, { datatype, values, place }, shape, 0, 0)
  return target
}

/** Reads the values below one array of nested data; returns where the next ones go. */
function readNested(target: TensorData, leaf: Leaf, shape: readonly number[], level: number, at: number): number {
  const { datatype, values, place } = leaf
  const size = shape[level] ?? 0
  if (values.length !== size)
    throw invalid(place, `has ${values.length} entries, and the shape [${shape.join(', ')}] says ${size}`)
  if (level === shape.length - 1) {
    fill(target, at, leaf)
    return at + size
  }
  let next = at
  for (const [index, inner] of values.entries()) {
    const innerPlace = `${place}[${index}]`
    if (!Array.isArray(inner)) throw invalid(innerPlace, `must be an array like those beside it, not ${shown(inner)}`)
    next = readNested(target, { datatype, values: inner, place: innerPlace }, shape, level + 1, next)
  }
  return next
}

function fill(target: TensorData, at: number, leaf: Leaf): void {
  if (Array.isArray(target)) fillTexts(target, leaf)
  else if (target instanceof BigInt64Array || target instanceof BigUint64Array) fillWide(target, at, leaf)
  else if (leaf.datatype === 'BOOL') fillBits(target, at, leaf)
  else if (leaf.datatype === 'FP16') fillFloats(target, at, leaf, halfOf)
  else if (target instanceof Float32Array || target instanceof Float64Array) fillFloats(target, at, leaf)
  else fillIntegers(target, at, leaf)
}

type Numbers = Exclude<TensorData, string[] | BigInt64Array | BigUint64Array>

function fillFloats(target: Numbers, at: number, { values, place, datatype }: Leaf, as?: (value: number) => number) {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    let number: number
    if (typeof value === 'number') number = value
    // Some clients write null for NaN.
    else if (value === null) number = NaN
    else if (typeof value === 'bigint') number = Number(value)
    else throw wrong(place, index, `a number (${datatype})`, value)
    target[at + index] = as === undefined ? number : as(number)
  }
}

function fillIntegers(target: Numbers, at: number, { values, place, datatype }: Leaf): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'number') throw wrong(place, index, `a whole number (${datatype})`, value)
    target[at + index] = value
    if (target[at + index] !== value) throw wrong(place, index, `a whole number that ${datatype} can hold`, value)
  }
}

function fillWide(target: BigInt64Array | BigUint64Array, at: number, { values, place, datatype }: Leaf): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    const whole = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
    if (typeof whole !== 'bigint') throw wrong(place, index, `a whole number (${datatype})`, value)
    target[at + index] = whole
    if (target[at + index] !== whole) throw wrong(place, index, `a whole number that ${datatype} can hold`, value)
  }
}

function fillBits(target: Numbers, at: number, { values, place }: Leaf): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'boolean' && value !== 0 && value !== 1)
      throw wrong(place, index, 'true, false, 0 or 1 (BOOL)', value)
    target[at + index] = Number(value)
  }
}

function fillTexts(target: string[], { values, place }: Leaf): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (typeof value !== 'string') throw wrong(place, index, 'a string (BYTES)', value)
    if (!value.isWellFormed()) throw invalid(`${place}[${index}]`, 'is not well-formed Unicode')
    target.push(value)
  }
}

function wrong(place: string, index: number, expected: string, value: unknown) {
  return invalid(`${place}[${index}]`, `must be ${expected}, not ${shown(value)}`)
}

/** Writes values `from` to `to` with commas between them: whole numbers in full, numbers that JSON does not have as null. */
export function writeJsonValues(
  out: JsonBytes,
  datatype: Datatype,
  data: ArrayLike<number | bigint | string>,
  from: number,
  to: number,
): void {
  for (let index = from; index < to; index++) {
    if (index > 0) out.json(',')
    const value = data[index]
    if (typeof value === 'string') out.string(value)
    else if (typeof value !== 'number') out.json(String(value))
    else if (datatype === 'BOOL') out.json(value === 0 ? 'false' : 'true')
    else out.number(datatype === 'FP16' ? numberOfHalf(value) : value)
  }
}
