import { MartletError } from '@martlet/warehouse'
import type { ElementType, TensorArrays } from '../artifact/onnx/element-type.ts'
import type { Tensor } from './onnx-runtime.ts'

const ARRAYS = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const

type AnyArray = TensorArrays[ElementType] | ArrayLike<unknown>

/**
 * A tensor of an element type, after a check that the array is of the right kind.
 *
 * @throws MartletError TENSOR_INVALID when the array cannot hold the element type
 */
export function tensorOf(element: ElementType, dims: readonly number[], data: AnyArray): Tensor {
  switch (element) {
    case 'float16':
      if (data instanceof Uint16Array) return { element, dims, data }
      break
    case 'float32':
      if (data instanceof Float32Array) return { element, dims, data }
      break
    case 'float64':
      if (data instanceof Float64Array) return { element, dims, data }
      break
    case 'int8':
      if (data instanceof Int8Array) return { element, dims, data }
      break
    case 'uint8':
      if (data instanceof Uint8Array) return { element, dims, data }
      break
    case 'int16':
      if (data instanceof Int16Array) return { element, dims, data }
      break
    case 'uint16':
      if (data instanceof Uint16Array) return { element, dims, data }
      break
    case 'int32':
      if (data instanceof Int32Array) return { element, dims, data }
      break
    case 'uint32':
      if (data instanceof Uint32Array) return { element, dims, data }
      break
    case 'int64':
      if (data instanceof BigInt64Array) return { element, dims, data }
      break
    case 'uint64':
      if (data instanceof BigUint64Array) return { element, dims, data }
      break
    case 'bool':
      if (data instanceof Uint8Array) return { element, dims, data }
      break
    case 'string':
      if (isTexts(data)) return { element, dims, data }
      break
  }
  throw new MartletError(
    'TENSOR_INVALID',
    `A ${data.constructor.name} cannot hold a tensor of ${element}. Pass the array of that type.`,
    {
      data: { element },
    },
  )
}

/** A tensor of numbers, all 0, to be filled; one of text has no places yet. */
export function emptyTensor(element: ElementType, dims: readonly number[]): Tensor {
  if (element === 'string') return { element, dims, data: [] }
  return tensorOf(element, dims, new ARRAYS[element](dims.reduce((product, size) => product * size, 1)))
}

function isTexts(data: AnyArray): data is readonly string[] {
  return Array.isArray(data) && data.every((value) => typeof value === 'string')
}

/** Joins tensors of consecutive rows and keeps the first `rows` of them. */
export function joinRows(parts: readonly Tensor[], rows: number): Tensor {
  const [first] = parts
  if (first === undefined) throw new MartletError('TENSOR_INVALID', 'There are no tensors to join. Pass at least one.')
  const perRow = first.dims.slice(1).reduce((product, size) => product * size, 1)
  const dims = [rows, ...first.dims.slice(1)]
  if (first.element === 'string')
    return tensorOf('string', dims, parts.flatMap(({ data }) => [...data]).slice(0, rows * perRow))
  const arrays = parts.map(({ data }) => data).filter((data) => ArrayBuffer.isView(data))
  const joined = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const { buffer, byteOffset, byteLength } of arrays) {
    joined.set(new Uint8Array(buffer, byteOffset, byteLength), at)
    at += byteLength
  }
  return tensorOf(first.element, dims, new ARRAYS[first.element](joined.buffer).slice(0, rows * perRow))
}
