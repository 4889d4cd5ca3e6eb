import { classesOf } from './class-labels.ts'
import { readOnnx, type OnnxGraph } from './onnx-graph.ts'
import { classLabels, type GraphNode } from './onnx-node.ts'
import { elementOf } from './value-element.ts'
import { tensorValue, type Dimension } from './value-type.ts'
import { bytesField, integerField, message, textField } from '../../protobuf/wire-writer.ts'
import { fieldsOf } from './wire.ts'

/** The element type that ZipMap reads by its specification; another one follows from the operators before it. */
const FLOAT = 1
/** The operator set that a file without the standard operators imports for Identity. */
const OPSET = 13

/** An output that was no tensor, and is now the tensor `publishes`, which it was made from: one column per label. */
export interface OutputCut {
  readonly output: string
  readonly publishes: string
  readonly labels: readonly (string | number)[]
}

/** A node at the end of a graph, and the tensors that replace its output. */
interface Cut {
  readonly node: GraphNode
  readonly replaces: string
  readonly parts: readonly OutputCut[]
}

/**
 * Removes the nodes that exporters append to classifiers and whose outputs no tensor runtime can return. The tensors that they
 * read become the outputs. Everything else in the file stays the same, byte for byte.
 *
 * - ZipMap turns probabilities into a sequence of maps: the tensor is an output under the name of the map.
 * - SequenceConstruct collects the probabilities of a multi-output classifier: each tensor is an output of its own,
 *   `probabilities_0`, `probabilities_1` and so on.
 *
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole model
 */
export function cutOutputs(
  bytes: Uint8Array,
  graph: OnnxGraph = readOnnx(bytes),
): { readonly bytes: Uint8Array; readonly cuts: readonly OutputCut[] } {
  const names = new Set(graph.outputs.map(({ name }) => name))
  const cuts = graph.nodes.flatMap((node): readonly Cut[] => {
    const [replaces] = node.outputs
    if (replaces === undefined || !names.has(replaces) || graph.scan.used.has(replaces)) return []
    const parts = partsOf(bytes, graph, node, replaces)
    return parts.length === 0 ? [] : [{ node, replaces, parts }]
  })
  if (cuts.length === 0) return { bytes, cuts: [] }

  const fields: Uint8Array[] = []
  let outputIndex = 0
  for (const field of fieldsOf(bytes, graph.span)) {
    const cut = field.number === 1 ? cuts.find(({ node }) => node.span.from === field.from) : undefined
    const name = field.number === 12 ? graph.outputs[outputIndex++]?.name : undefined
    const replaced = cuts.find(({ replaces }) => replaces === name)
    if (cut !== undefined)
      fields.push(...cut.parts.map((part, index) => bytesField(1, identity(cut.node.name, part, index))))
    else if (replaced !== undefined) fields.push(...replaced.parts.map((part) => output(bytes, graph, part)))
    else fields.push(bytes.subarray(field.start, field.to))
  }
  const changed = bytesField(7, message(...fields))
  const whole = [...fieldsOf(bytes, { from: 0, to: bytes.length })].map((field) =>
    field.number === 7 ? changed : bytes.subarray(field.start, field.to),
  )
  if (!('' in graph.opsets)) whole.push(bytesField(8, message(textField(1, ''), integerField(2, OPSET))))
  return { bytes: message(...whole), cuts: cuts.flatMap(({ parts }) => parts) }
}

function partsOf(bytes: Uint8Array, graph: OnnxGraph, node: GraphNode, replaces: string): readonly OutputCut[] {
  const [publishes] = node.inputs
  if (node.operator === 'ZipMap' && publishes !== undefined)
    return [{ output: replaces, publishes, labels: classLabels(bytes, node.span) }]
  if (node.operator !== 'SequenceConstruct' || node.domain !== '') return []
  const taken = new Set([
    ...graph.weights,
    ...graph.scan.used,
    ...graph.nodes.flatMap(({ outputs }) => outputs),
    ...[...graph.inputs, ...graph.outputs].map(({ name }) => name),
  ])
  return node.inputs.map((publishes, index) => {
    let output = `${replaces}_${index}`
    while (taken.has(output)) output += '_'
    return { output, publishes, labels: classesOf(bytes, graph, publishes) }
  })
}

/** A node that outputs the tensor under the name of the output. */
function identity(name: string, { publishes, output }: OutputCut, index: number): Uint8Array {
  const own = index === 0 || name === '' ? name : `${name}_${index}`
  return message(textField(1, publishes), textField(2, output), textField(3, own), textField(4, 'Identity'))
}

function output(bytes: Uint8Array, graph: OnnxGraph, cut: OutputCut): Uint8Array {
  return bytesField(12, tensorValue(cut.output, elementOf(bytes, graph, cut.publishes) ?? FLOAT, shapeOf(graph, cut)))
}

function shapeOf(graph: OnnxGraph, cut: OutputCut): readonly Dimension[] {
  const known = [...graph.inner, ...graph.inputs].find(({ name }) => name === cut.publishes)
  if (known?.type.kind === 'tensor' && known.type.shape !== null) return known.type.shape
  const first = graph.inputs[0]
  const batch = first?.type.kind === 'tensor' ? (first.type.shape?.[0] ?? null) : null
  return [batch, cut.labels.length === 0 ? null : cut.labels.length]
}
