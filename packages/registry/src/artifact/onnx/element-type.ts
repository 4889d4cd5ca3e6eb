/** The arrays that hold tensor values, by element type. `bool` is one byte per value, 0 or 1; `float16` is the bits of a half. */
export interface TensorArrays {
  readonly float16: Uint16Array
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly int8: Int8Array
  readonly uint8: Uint8Array
  readonly int16: Int16Array
  readonly uint16: Uint16Array
  readonly int32: Int32Array
  readonly uint32: Uint32Array
  readonly int64: BigInt64Array
  readonly uint64: BigUint64Array
  readonly bool: Uint8Array
  readonly string: readonly string[]
}

/** The element types of a model's inputs and outputs. */
export type ElementType = keyof TensorArrays

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'float32'],
  [2, 'uint8'],
  [3, 'int8'],
  [4, 'uint16'],
  [5, 'int16'],
  [6, 'int32'],
  [7, 'int64'],
  [8, 'string'],
  [9, 'bool'],
  [10, 'float16'],
  [11, 'float64'],
  [12, 'uint32'],
  [13, 'uint64'],
  [14, 'complex64'],
  [15, 'complex128'],
  [16, 'bfloat16'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [21, 'uint4'],
  [22, 'int4'],
  [23, 'float4e2m1'],
])

const CODES: ReadonlyMap<string, number> = new Map([...NAMES].map(([code, name]) => [name, code]))

const SUPPORTED: ReadonlySet<string> = new Set<ElementType>([
  'float16',
  'float32',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
])

/** The name of an ONNX `TensorProto.DataType` code, such as 1 for `float32`. */
export function elementTypeName(code: number): string {
  return NAMES.get(code) ?? `type ${code}`
}

/** The `TensorProto.DataType` code of a name; undefined for other names. */
export function elementCode(name: string): number | undefined {
  return CODES.get(name)
}

export function isElementType(name: string): name is ElementType {
  return SUPPORTED.has(name)
}
