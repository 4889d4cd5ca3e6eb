import { bytesField, integerField, message, textField } from '../../protobuf/wire-writer.ts'

const IR_VERSION = 8
const OPSET = 17
const FLOAT = 1

/** The parts of an ONNX file, each already encoded by `node`, `floatTensor` and `tensorValue`. */
export interface OnnxParts {
  readonly graph: string
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  readonly nodes: readonly Uint8Array[]
  readonly initializers: readonly Uint8Array[]
  /** Versions of operator sets other than the standard one, by domain. */
  readonly opsets?: Readonly<Record<string, number>>
  readonly metadata: Readonly<Record<string, string>>
}

/** Encodes a whole model (standard operators of opset 17, IR 8). */
export function onnxModel({
  graph,
  inputs,
  outputs,
  nodes,
  initializers,
  opsets = {},
  metadata,
}: OnnxParts): Uint8Array {
  return message(
    integerField(1, IR_VERSION),
    textField(2, 'martlet'),
    bytesField(
      7,
      message(
        ...nodes.map((part) => bytesField(1, part)),
        textField(2, graph),
        ...initializers.map((part) => bytesField(5, part)),
        ...inputs.map((part) => bytesField(11, part)),
        ...outputs.map((part) => bytesField(12, part)),
      ),
    ),
    ...Object.entries({ '': OPSET, ...opsets }).map(([domain, version]) =>
      bytesField(8, message(textField(1, domain), integerField(2, version))),
    ),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, message(textField(1, key), textField(2, value)))),
  )
}

/** What few nodes have: an operator set of their own, and attributes encoded by `node-attribute.ts`. */
export interface NodeExtras {
  readonly domain?: string
  readonly attributes?: readonly Uint8Array[]
}

/** Encodes a node. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { domain, attributes = [] }: NodeExtras = {},
): Uint8Array {
  return message(
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, `${operator}_${outputs[0]}`),
    textField(4, operator),
    ...attributes.map((part) => bytesField(5, part)),
    ...(domain === undefined ? [] : [textField(7, domain)]),
  )
}

/** Encodes a float32 weight tensor. */
export function floatTensor(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(values.length * 4)
  const view = new DataView(raw.buffer)
  values.forEach((value, index) => view.setFloat32(index * 4, value, true))
  return message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, FLOAT),
    textField(8, name),
    bytesField(9, raw),
  )
}
