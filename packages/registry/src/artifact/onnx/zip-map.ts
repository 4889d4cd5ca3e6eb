import { classLabels } from './onnx-node.ts'
import { readOnnx, type OnnxGraph } from './onnx-graph.ts'
import { tensorValue, type Dimension } from './value-type.ts'
import { bytesField, message } from './wire-writer.ts'
import { fieldsOf } from './wire.ts'

const FLOAT = 1

/** A ZipMap node that was taken out: the map `output` is now the tensor `publishes`, one column a label. */
export interface ZipMapCut {
  readonly output: string
  readonly publishes: string
  readonly labels: readonly (string | number)[]
}

/**
 * Takes out the ZipMap nodes that classifier exporters append: they turn the probability tensor into a sequence of maps, which no
 * tensor runtime can hand out. The tensor itself becomes the output. Everything else in the file stays as it was, byte for byte.
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
    return [{ output, publishes, labels: classLabels(bytes, node.span), start: node.span.from }]
  })
  if (cuts.length === 0) return { bytes, cuts: [] }

  const published = new Set(outputs)
  const parts: Uint8Array[] = []
  let outputIndex = 0
  for (const field of fieldsOf(bytes, graph.span)) {
    if (field.number === 1 && cuts.some(({ start }) => start === field.from)) continue
    const name = field.number === 12 ? graph.outputs[outputIndex++]?.name : undefined
    const cut = cuts.find(({ output }) => output === name)
    if (cut === undefined) parts.push(bytes.subarray(field.start, field.to))
    else if (!published.has(cut.publishes)) {
      published.add(cut.publishes)
      parts.push(bytesField(12, tensorValue(cut.publishes, FLOAT, shapeOf(graph, cut))))
    }
  }
  const changed = bytesField(7, message(...parts))
  const whole = [...fieldsOf(bytes, { from: 0, to: bytes.length })].map((field) =>
    field.number === 7 ? changed : bytes.subarray(field.start, field.to),
  )
  return { bytes: message(...whole), cuts: cuts.map(({ output, publishes, labels }) => ({ output, publishes, labels })) }
}

function shapeOf(graph: OnnxGraph, cut: ZipMapCut): readonly Dimension[] {
  const known = [...graph.inner, ...graph.inputs].find(({ name }) => name === cut.publishes)
  if (known?.type.kind === 'tensor' && known.type.shape !== null) return known.type.shape
  const first = graph.inputs[0]
  const batch = first?.type.kind === 'tensor' ? (first.type.shape?.[0] ?? null) : null
  return [batch, cut.labels.length === 0 ? null : cut.labels.length]
}
