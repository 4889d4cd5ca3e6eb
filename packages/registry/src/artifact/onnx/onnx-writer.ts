import { bytesField, integerField, message, textField } from './wire-writer.ts'

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
  readonly metadata: Readonly<Record<string, string>>
}

/** Encodes a whole model of standard operators (opset 17, IR 8). */
export function onnxModel({ graph, inputs, outputs, nodes, initializers, metadata }: OnnxParts): Uint8Array {
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
    bytesField(8, message(textField(1, ''), integerField(2, OPSET))),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, message(textField(1, key), textField(2, value)))),
  )
}

/** Encodes a node without attributes. */
export function node(operator: string, inputs: readonly string[], outputs: readonly string[]): Uint8Array {
  return message(
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, `${operator}_${outputs[0]}`),
    textField(4, operator),
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
