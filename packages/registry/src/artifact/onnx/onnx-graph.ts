import { scanModel, type ModelScan } from './model-scan.ts'
import { readNode, standardDomain, type GraphNode } from './onnx-node.ts'
import { readValue, type GraphValue } from './value-type.ts'
import { fieldsOf, lengthDelimited, malformed, smallIntegerOf, textOf, type Span } from './wire.ts'

/** An operator that the file itself defines as a graph of other operators. */
export interface LocalFunction {
  readonly domain: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly nodes: readonly GraphNode[]
}

/** The contents of an ONNX file; weights are not decoded. */
export interface OnnxGraph {
  readonly irVersion: number
  readonly producer: string
  /** Operator set version by domain; '' is the standard domain. */
  readonly opsets: Readonly<Record<string, number>>
  /** The graph inputs that must be fed: those that no initialiser fills. */
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
  /** Weight tensors in the top-level graph. */
  readonly initializers: number
  /** Their names. */
  readonly weights: ReadonlySet<string>
  readonly nodes: readonly GraphNode[]
  readonly functions: readonly LocalFunction[]
  /** The types of values between nodes, where the exporter wrote them. */
  readonly inner: readonly GraphValue[]
  readonly metadata: Readonly<Record<string, string>>
  readonly scan: ModelScan
  /** The bytes of the graph message inside the file. */
  readonly span: Span
}

/** Bytes 4 to 7 of onnxruntime's own format, which the runtime would read instead of the protobuf messages checked here. */
const ORT_FORMAT = [0x4f, 0x52, 0x54, 0x4d]

/**
 * Reads the graph of an ONNX file.
 *
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole model
 */
export function readOnnx(bytes: Uint8Array): OnnxGraph {
  if (ORT_FORMAT.every((byte, index) => bytes[4 + index] === byte))
    throw malformed("the mark of onnxruntime's own format (.ort)", 4)
  let irVersion = 0
  let producer = ''
  let graph: Span | undefined
  const opsets = new Map<string, number>()
  const metadata = new Map<string, string>()
  const functions: LocalFunction[] = []
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
    } else if (field.number === 25) functions.push(readFunction(bytes, lengthDelimited(field)))
  }
  if (graph === undefined) throw malformed('no graph', bytes.length)
  if (opsets.size === 0) throw malformed('no operator set', bytes.length)
  return {
    irVersion,
    producer,
    opsets: Object.fromEntries(opsets),
    metadata: Object.fromEntries(metadata),
    functions,
    span: graph,
    scan: scanModel(bytes),
    ...readGraph(bytes, graph),
  }
}

function readGraph(
  bytes: Uint8Array,
  span: Span,
): Pick<OnnxGraph, 'inputs' | 'outputs' | 'initializers' | 'weights' | 'nodes' | 'inner'> {
  const inputs: GraphValue[] = []
  const outputs: GraphValue[] = []
  const inner: GraphValue[] = []
  const nodes: GraphNode[] = []
  const weights = new Set<string>()
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) nodes.push(readNode(bytes, lengthDelimited(field)))
    else if (field.number === 5) weights.add(tensorName(bytes, lengthDelimited(field)))
    else if (field.number === 11) inputs.push(readValue(bytes, lengthDelimited(field)))
    else if (field.number === 12) outputs.push(readValue(bytes, lengthDelimited(field)))
    else if (field.number === 13) inner.push(readValue(bytes, lengthDelimited(field)))
    else if (field.number === 15)
      for (const part of fieldsOf(bytes, lengthDelimited(field)))
        if (part.number === 1) weights.add(tensorName(bytes, lengthDelimited(part)))
  }
  return {
    inputs: inputs.filter(({ name }) => !weights.has(name)),
    outputs,
    inner,
    nodes,
    weights,
    initializers: weights.size,
  }
}

function tensorName(bytes: Uint8Array, span: Span): string {
  let name = ''
  for (const field of fieldsOf(bytes, span)) if (field.number === 8) name = textOf(bytes, field)
  return name
}

function readFunction(bytes: Uint8Array, span: Span): LocalFunction {
  let domain = ''
  let name = ''
  const inputs: string[] = []
  const nodes: GraphNode[] = []
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) name = textOf(bytes, field)
    else if (field.number === 4) inputs.push(textOf(bytes, field))
    else if (field.number === 7) nodes.push(readNode(bytes, lengthDelimited(field)))
    else if (field.number === 10) domain = textOf(bytes, field)
  }
  return { domain: standardDomain(domain), name, inputs, nodes }
}

function readOpset(bytes: Uint8Array, span: Span): readonly [domain: string, version: number] {
  let domain = ''
  let version = 0
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) domain = textOf(bytes, field)
    if (field.number === 2) version = smallIntegerOf(bytes, field)
  }
  return [standardDomain(domain), version]
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
