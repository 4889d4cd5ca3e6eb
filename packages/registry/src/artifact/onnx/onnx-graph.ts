import { readNode, readWeights, type GraphNode, type GraphScan } from './onnx-node.ts'
import { readValue, type GraphValue } from './value-type.ts'
import { fieldsOf, lengthDelimited, malformed, smallIntegerOf, textOf, type Span } from './wire.ts'

/** What an ONNX file says about itself. Weights are not decoded. */
export interface OnnxGraph {
  readonly irVersion: number
  readonly producer: string
  /** Operator set version by domain; '' is the standard domain. */
  readonly opsets: Readonly<Record<string, number>>
  /** What must be fed: graph inputs without those that an initialiser fills. */
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  /** Weight tensors in the top-level graph. */
  readonly initializers: number
  readonly nodes: readonly GraphNode[]
  /** Types of values between nodes, where the exporter wrote them. */
  readonly inner: readonly GraphValue[]
  readonly metadata: Readonly<Record<string, string>>
  readonly scan: GraphScan
  /** The bytes of the graph message inside the file. */
  readonly span: Span
}

/** Reads the graph of an ONNX file. Rejects bytes that are not a whole model with `ONNX_MALFORMED`. */
export function readOnnx(bytes: Uint8Array): OnnxGraph {
  let irVersion = 0
  let producer = ''
  let graph: Span | undefined
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  const scan: GraphScan = { used: new Set(), external: new Set(), elements: new Set() }
  for (const field of fieldsOf(bytes, { from: 0, to: bytes.length })) {
    if (field.number === 1) irVersion = smallIntegerOf(bytes, field)
    else if (field.number === 2) producer = textOf(bytes, field)
    else if (field.number === 7) graph = lengthDelimited(field)
    else if (field.number === 8) {
      const [domain, version] = readOpset(bytes, lengthDelimited(field))
      opsets.set(domain, version)
    } else if (field.number === 14) {
      const [key, value] = readEntry(bytes, lengthDelimited(field))
      metadata.set(key, value)
    } else if (field.number === 25) readFunction(bytes, lengthDelimited(field), scan)
  }
  if (graph === undefined) throw malformed('no graph', bytes.length)
  if (opsets.size === 0) throw malformed('no operator set', bytes.length)
  return {
    irVersion,
    producer,
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    span: graph,
    scan,
    ...readGraph(bytes, graph, scan),
  }
}

function readGraph(
  bytes: Uint8Array,
  span: Span,
  scan: GraphScan,
): Pick<OnnxGraph, 'inputs' | 'outputs' | 'initializers' | 'nodes' | 'inner'> {
  const inputs: GraphValue[] = []
  const outputs: GraphValue[] = []
  const inner: GraphValue[] = []
  const nodes: GraphNode[] = []
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) nodes.push(readNode(bytes, lengthDelimited(field), scan, 0))
    else if (field.number === 11) inputs.push(readValue(bytes, lengthDelimited(field)))
    else if (field.number === 12) outputs.push(readValue(bytes, lengthDelimited(field)))
    else if (field.number === 13) inner.push(readValue(bytes, lengthDelimited(field)))
  }
  const weights = readWeights(bytes, span, scan)
  return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs, inner, nodes, initializers: weights.size }
}

/** Functions of the model's own have names of their own, but may hold weights. */
function readFunction(bytes: Uint8Array, span: Span, scan: GraphScan): void {
  const inside: GraphScan = { ...scan, used: new Set() }
  for (const field of fieldsOf(bytes, span)) if (field.number === 7) readNode(bytes, lengthDelimited(field), inside, 0)
}

function readOpset(bytes: Uint8Array, span: Span): readonly [domain: string, version: number] {
  let domain = ''
  let version = 0
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) domain = textOf(bytes, field)
    if (field.number === 2) version = smallIntegerOf(bytes, field)
  }
  return [domain === 'ai.onnx' ? '' : domain, version]
}

function readEntry(bytes: Uint8Array, span: Span): readonly [key: string, value: string] {
  let key = ''
  let value = ''
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) key = textOf(bytes, field)
    if (field.number === 2) value = textOf(bytes, field)
  }
  return [key, value]
}
