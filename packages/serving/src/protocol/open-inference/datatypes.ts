/** An element type of tensors as the protocol names it. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BYTES'

/** Numbers of a tensor, or its texts. FP16 holds the bits of each number, BOOL 0 or 1. */
export type TensorData =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | string[]

interface Holder {
  readonly element: string
  /** Undefined for texts. */
  readonly array: (new (values: ArrayBuffer | number) => Exclude<TensorData, string[]>) | undefined
}

/** Each datatype with the element type of ONNX that it is, and the array that holds it; texts have none. */
const DATATYPES: Readonly<Record<Datatype, Holder>> = {
  BOOL: { element: 'bool', array: Uint8Array },
  UINT8: { element: 'uint8', array: Uint8Array },
  UINT16: { element: 'uint16', array: Uint16Array },
  UINT32: { element: 'uint32', array: Uint32Array },
  UINT64: { element: 'uint64', array: BigUint64Array },
  INT8: { element: 'int8', array: Int8Array },
  INT16: { element: 'int16', array: Int16Array },
  INT32: { element: 'int32', array: Int32Array },
  INT64: { element: 'int64', array: BigInt64Array },
  FP16: { element: 'float16', array: Uint16Array },
  FP32: { element: 'float32', array: Float32Array },
  FP64: { element: 'float64', array: Float64Array },
  BYTES: { element: 'string', array: undefined },
}

export const datatypeNames: readonly string[] = Object.keys(DATATYPES)

const OF_ELEMENT: ReadonlyMap<string, Datatype> = new Map(
  datatypeNames.filter(isDatatype).map((name) => [DATATYPES[name].element, name]),
)

export function isDatatype(name: unknown): name is Datatype {
  return typeof name === 'string' && Object.hasOwn(DATATYPES, name)
}

export function elementOf(datatype: Datatype): string {
  return DATATYPES[datatype].element
}

/** The datatype of an element type of ONNX; undefined for one that the protocol does not have. */
export function datatypeOf(element: string): Datatype | undefined {
  return OF_ELEMENT.get(element)
}

/** An array for values of a datatype, all 0; empty for texts. */
export function emptyData(datatype: Datatype, count: number): TensorData {
  const { array } = DATATYPES[datatype]
  return array === undefined ? [] : new array(count)
}

/** Bytes of one value in binary data; undefined for texts, which say their own lengths. */
export function bytesPerValue(datatype: Datatype): number | undefined {
  return WIDTHS.get(datatype)
}

const WIDTHS: ReadonlyMap<Datatype, number> = new Map(
  datatypeNames.filter(isDatatype).flatMap((name) => {
    const data = emptyData(name, 0)
    return Array.isArray(data) ? [] : [[name, data.BYTES_PER_ELEMENT] as const]
  }),
)

/** Values of a datatype from bytes, which are not copied. */
export function dataOf(datatype: Datatype, bytes: ArrayBuffer): TensorData {
  const { array } = DATATYPES[datatype]
  return array === undefined ? [] : new array(bytes)
}
