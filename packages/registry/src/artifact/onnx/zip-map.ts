import { classLabels } from './onnx-node.ts'
import { readOnnx, type OnnxGraph } from './onnx-graph.ts'
import { elementOf } from './value-element.ts'
import { tensorValue, type Dimension } from './value-type.ts'
import { bytesField, integerField, message, textField } from '../../protobuf/wire-writer.ts'
import { fieldsOf } from './wire.ts'

/** The element type that ZipMap reads by its specification; another one follows from the operators before it. */
const FLOAT = 1
/** The operator set that a file without the standard operators imports for Identity. */
const OPSET = 13

/** A ZipMap node that was removed: its output is now the tensor `publishes` that it read, one column per label. */
export interface ZipMapCut {
  readonly output: string
  readonly publishes: string
  readonly labels: readonly (string | number)[]
}

/**
 * Removes the ZipMap nodes that classifier exporters append: they turn the probability tensor into a sequence of maps, which no
 * tensor runtime can return. The tensor itself becomes the output, under the name of the map. Everything else in the file stays
 * the same, byte for byte.
 *
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole model
 */
export function cutZipMaps(
  bytes: Uint8Array,
  graph: OnnxGraph = readOnnx(bytes),
): { readonly bytes: Uint8Array; readonly cuts: readonly ZipMapCut[] } {
  const outputs = new Set(graph.outputs.map(({ name }) => name))
  const cuts = graph.nodes.flatMap((node) => {
    const [publishes] = node.inputs
    const [output] = node.outputs
    if (node.operator !== 'ZipMap' || publishes === undefined || output === undefined) return []
    if (!outputs.has(output) || graph.scan.used.has(output)) return []
    return [{ output, publishes, labels: classLabels(bytes, node.span), name: node.name, start: node.span.from }]
  })
  if (cuts.length === 0) return { bytes, cuts: [] }

  const parts: Uint8Array[] = []
  let outputIndex = 0
  for (const field of fieldsOf(bytes, graph.span)) {
    const node = field.number === 1 ? cuts.find(({ start }) => start === field.from) : undefined
    const name = field.number === 12 ? graph.outputs[outputIndex++]?.name : undefined
    const output = cuts.find(({ output }) => output === name)
    if (node !== undefined) parts.push(bytesField(1, identity(node)))
    else if (output !== undefined)
      parts.push(
        bytesField(
          12,
          tensorValue(output.output, elementOf(bytes, graph, output.publishes) ?? FLOAT, shapeOf(graph, output)),
        ),
      )
    else parts.push(bytes.subarray(field.start, field.to))
  }
  const changed = bytesField(7, message(...parts))
  const whole = [...fieldsOf(bytes, { from: 0, to: bytes.length })].map((field) =>
    field.number === 7 ? changed : bytes.subarray(field.start, field.to),
  )
  if (!('' in graph.opsets)) whole.push(bytesField(8, message(textField(1, ''), integerField(2, OPSET))))
  return {
    bytes: message(...whole),
    cuts: cuts.map(({ output, publishes, labels }) => ({ output, publishes, labels })),
  }
}

/** A node that outputs the tensor under the name of the map. */
function identity({ name, publishes, output }: ZipMapCut & { readonly name: string }): Uint8Array {
  return message(textField(1, publishes), textField(2, output), textField(3, name), textField(4, 'Identity'))
}

function shapeOf(graph: OnnxGraph, cut: ZipMapCut): readonly Dimension[] {
  const known = [...graph.inner, ...graph.inputs].find(({ name }) => name === cut.publishes)
  if (known?.type.kind === 'tensor' && known.type.shape !== null) return known.type.shape
  const first = graph.inputs[0]
  const batch = first?.type.kind === 'tensor' ? (first.type.shape?.[0] ?? null) : null
  return [batch, cut.labels.length === 0 ? null : cut.labels.length]
}
