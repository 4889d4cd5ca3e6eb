import type { FeatureValue } from '@martlet/feature-store'
import { MartletError, nearestFloat32 } from '@martlet/warehouse'
import type { ElementType } from '../artifact/onnx/element-type.ts'
import type { TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import type { FieldBinding, ModelSignature } from '../signature/signature.ts'
import { tensorOf } from '../runtime/make-tensor.ts'
import type { Tensor, Tensors } from '../runtime/onnx-runtime.ts'
import type { FeatureSource } from './feature-rows.ts'

/** Rows `from` to `to` of a source; `size` rows are fed, the last one repeated to fill a batch whose size the model fixes. */
export interface RowRange {
  readonly from: number
  readonly to: number
  readonly size: number
}

const NUMERIC = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
} as const

/** The input tensors of a model. Buffers are new each time, because the runtime reads them after `run` has returned. */
export function encodeFeatures(signature: ModelSignature, source: FeatureSource, range: RowRange): Tensors {
  if (signature.layout === 'tensor') {
    const [input] = signature.inputs
    return input === undefined ? {} : { [input.name]: encodeMatrix(signature, input, source, range) }
  }
  const feeds: Record<string, Tensor> = {}
  signature.fields.forEach((binding, field) => {
    const input = signature.inputs.find(({ name }) => name === binding.input)
    if (input !== undefined) feeds[input.name] = encodeColumn(binding, field, input, source, range)
  })
  return feeds
}

function encodeMatrix(signature: ModelSignature, input: TensorSpec, source: FeatureSource, range: RowRange): Tensor {
  const width = signature.fields.length
  const dims = [range.size, width]
  const whole = range.from === 0 && range.to === source.rows && range.size === source.rows
  const data = input.element === 'float64' ? new Float64Array(range.size * width) : new Float32Array(range.size * width)
  signature.fields.forEach((binding, field) => {
    if (whole && source.fill !== undefined && binding.type !== 'boolean') source.fill(field, data, field, width)
    else
      for (let row = 0; row < range.size; row += 1)
        data[row * width + field] = floatOf(
          input.element,
          valueAt(source, range, row, field),
          binding,
          range.from + row,
        )
  })
  return data instanceof Float64Array ? { element: 'float64', dims, data } : { element: 'float32', dims, data }
}

function encodeColumn(
  binding: FieldBinding,
  field: number,
  input: TensorSpec,
  source: FeatureSource,
  range: RowRange,
): Tensor {
  const dims = input.shape?.length === 1 ? [range.size] : [range.size, 1]
  const at = (row: number): FeatureValue => {
    const value = valueAt(source, range, row, field)
    return value === null && binding.nulls.kind === 'value' ? binding.nulls.value : value
  }
  const { element } = input
  const rows = { length: range.size }
  const read =
    <T>(valueOf: (value: FeatureValue, binding: FieldBinding, row: number) => T) =>
    (_: unknown, row: number): T =>
      valueOf(at(row), binding, range.from + row)
  if (element === 'string') return { element, dims, data: Array.from(rows, read(textOf)) }
  if (element === 'bool') return { element, dims, data: Uint8Array.from(rows, read(bitOf)) }
  if (element === 'int64') return { element, dims, data: BigInt64Array.from(rows, read(wholeOf)) }
  if (element === 'uint64') return { element, dims, data: BigUint64Array.from(rows, read(wholeOf)) }
  const data = new NUMERIC[element](range.size)
  const float = element === 'float32' || element === 'float64'
  for (let row = 0; row < range.size; row += 1) {
    const number = float
      ? floatOf(element, at(row), binding, range.from + row)
      : Number(wholeOf(at(row), binding, range.from + row))
    data[row] = number
    if (!float && data[row] !== number) throw invalid(number, binding, range.from + row, element)
  }
  return tensorOf(element, dims, data)
}

function valueAt(source: FeatureSource, range: RowRange, row: number, field: number): FeatureValue {
  return source.value(Math.min(range.from + row, range.to - 1), field)
}

/** The number of the element's type that is nearest to the value. */
function floatOf(element: ElementType, value: FeatureValue, binding: FieldBinding, row: number): number {
  if (typeof value === 'number') return value
  if (value === null) return Number.NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return element === 'float32' ? nearestFloat32(value) : Number(value)
  // A decimal of more digits than a number has.
  if (typeof binding.type === 'object' && /^-?\d+(?:\.\d+)?$/.test(value)) return Number(value)
  throw invalid(value, binding, row, 'a number')
}

function wholeOf(value: FeatureValue, binding: FieldBinding, row: number): bigint {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) throw invalid(value, binding, row, '64 bits')
  if (typeof value === 'bigint') return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw invalid(value, binding, row, 'a whole number')
}

function textOf(value: FeatureValue, binding: FieldBinding, row: number): string {
  if (typeof value !== 'string') throw invalid(value, binding, row, 'text')
  if (value.includes('\0'))
    throw invalid(value, binding, row, 'text without NUL characters (the runtime cuts text there)')
  return value
}

function bitOf(value: FeatureValue, binding: FieldBinding, row: number): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  throw invalid(value, binding, row, 'true or false')
}

function invalid(value: FeatureValue, binding: FieldBinding, row: number, wanted: string): MartletError {
  const got = value === null ? 'missing' : typeof value === 'string' ? JSON.stringify(value) : String(value)
  return new MartletError(
    'FEATURE_VALUE_INVALID',
    `Feature ${JSON.stringify(binding.field)} of row ${row} is ${got}; input ${JSON.stringify(binding.input)} takes ${wanted}.`,
    { data: { feature: binding.field, row } },
  )
}
