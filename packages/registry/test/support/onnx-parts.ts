import { bytesField, integerField, message, textField } from '../../src/protobuf/wire-writer.ts'
import { tensorValue, type Dimension } from '../../src/artifact/onnx/value-type.ts'

export type Attribute = readonly [
  name: string,
  value: number | bigint | string | Uint8Array | readonly number[] | readonly string[] | { readonly graph: Uint8Array },
]

function attribute([name, value]: Attribute): Uint8Array {
  const named = textField(1, name)
  if (value instanceof Uint8Array) return message(named, bytesField(5, value), integerField(20, 4))
  if (typeof value === 'number' || typeof value === 'bigint')
    return message(named, integerField(3, value), integerField(20, 2))
  if (typeof value === 'string') return message(named, textField(4, value), integerField(20, 3))
  if ('graph' in value) return message(named, bytesField(6, value.graph), integerField(20, 5))
  if (value.every((part) => typeof part === 'string'))
    return message(named, ...value.map((part) => textField(9, part)), integerField(20, 8))
  const whole = value.every((part) => Number.isInteger(part))
  return whole
    ? message(named, ...value.map((part) => integerField(8, part)), integerField(20, 7))
    : message(named, ...value.map((part) => floatField(7, part)), integerField(20, 6))
}

function floatField(number: number, value: number): Uint8Array {
  const bytes = new Uint8Array(5)
  bytes[0] = (number << 3) | 5
  new DataView(bytes.buffer).setFloat32(1, value, true)
  return bytes
}

/** A list of floats, whole numbers among them. */
export function floats(name: string, values: readonly number[]): Uint8Array {
  return message(textField(1, name), ...values.map((value) => floatField(7, value)), integerField(20, 6))
}

/** A node: `op('Softmax', ['x'], ['y'], [['axis', 0]])`; a domain is written before a colon, as in `ai.onnx.ml:Scaler`. */
export function op(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly (Attribute | Uint8Array)[] = [],
): Uint8Array {
  const [name = '', domain = ''] = operator.split(':').toReversed()
  return message(
    ...inputs.map((input) => textField(1, input)),
    ...outputs.map((output) => textField(2, output)),
    textField(4, name),
    textField(7, domain),
    ...attributes.map((given) => bytesField(5, given instanceof Uint8Array ? given : attribute(given))),
  )
}

/** An int64 weight tensor. */
export function integers(name: string, shape: readonly number[], values: readonly (number | bigint)[]): Uint8Array {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
  return message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, 7),
    textField(8, name),
    bytesField(9, raw),
  )
}

/** A graph output that is a sequence of float32 tensors. */
export function sequenceValue(name: string): Uint8Array {
  const tensor = bytesField(1, integerField(1, 1))
  return message(textField(1, name), bytesField(2, bytesField(4, bytesField(1, tensor))))
}

export interface GraphParts {
  readonly nodes: readonly Uint8Array[]
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly weights?: readonly Uint8Array[]
}

export function graphOf({ nodes, inputs, outputs, weights = [] }: GraphParts): Uint8Array {
  return message(
    ...nodes.map((part) => bytesField(1, part)),
    textField(2, 'g'),
    ...weights.map((part) => bytesField(5, part)),
    ...inputs.map((part) => bytesField(11, part)),
    ...outputs.map((part) => bytesField(12, part)),
  )
}

/** A model with float32 input `x` [N, width] and float32 output `y` [N, 1] unless others are given. */
export function modelOf(
  nodes: readonly Uint8Array[],
  more: {
    readonly weights?: readonly Uint8Array[]
    readonly width?: number
    readonly batch?: Dimension
    readonly inputs?: readonly Uint8Array[]
    readonly outputs?: readonly Uint8Array[]
    readonly functions?: readonly Uint8Array[]
  } = {},
): Uint8Array {
  const { weights = [], width = 1, batch = 'N', functions = [] } = more
  const inputs = more.inputs ?? [tensorValue('x', 1, [batch, width])]
  const outputs = more.outputs ?? [tensorValue('y', 1, [batch, 1])]
  return message(
    integerField(1, 8),
    bytesField(7, graphOf({ nodes, inputs, outputs, weights })),
    bytesField(8, message(textField(1, ''), integerField(2, 17))),
    bytesField(8, message(textField(1, 'ai.onnx.ml'), integerField(2, 3))),
    ...(functions.length > 0 ? [bytesField(8, message(textField(1, 'own'), integerField(2, 1)))] : []),
    ...functions.map((part) => bytesField(25, part)),
  )
}
