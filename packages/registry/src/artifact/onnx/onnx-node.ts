import { elementTypeName } from './element-type.ts'
import { fieldsOf, integersOf, lengthDelimited, malformed, smallIntegerOf, textOf, type Span } from './wire.ts'

export interface GraphNode {
  readonly name: string
  readonly operator: string
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The bytes of the node message inside the file. */
  readonly span: Span
}

/** What was met anywhere in a graph, nested graphs included. */
export interface GraphScan {
  /** Names that some node reads. */
  readonly used: Set<string>
  /** Tensors whose data lie in another file. */
  readonly external: Set<string>
  /** Element types of weights. */
  readonly elements: Set<string>
}

const MAX_DEPTH = 32

export function readNode(bytes: Uint8Array, span: Span, scan: GraphScan, depth: number): GraphNode {
  let name = ''
  let operator = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) inputs.push(textOf(bytes, field))
    else if (field.number === 2) outputs.push(textOf(bytes, field))
    else if (field.number === 3) name = textOf(bytes, field)
    else if (field.number === 4) operator = textOf(bytes, field)
    else if (field.number === 7) domain = textOf(bytes, field)
    else if (field.number === 5) scanAttribute(bytes, lengthDelimited(field), scan, depth)
  }
  for (const input of inputs) scan.used.add(input)
  return { name, operator, domain: domain === 'ai.onnx' ? '' : domain, inputs, outputs, span }
}

/** Notes the weight tensors of a graph and returns their names. */
export function readWeights(bytes: Uint8Array, graph: Span, scan: GraphScan): Set<string> {
  const names = new Set<string>()
  for (const field of fieldsOf(bytes, graph)) {
    if (field.number === 5) names.add(scanTensor(bytes, lengthDelimited(field), scan))
    else if (field.number === 15)
      for (const part of fieldsOf(bytes, lengthDelimited(field)))
        if (part.number === 1) names.add(scanTensor(bytes, lengthDelimited(part), scan))
  }
  return names
}

/** The class labels that a ZipMap node puts on its columns. */
export function classLabels(bytes: Uint8Array, node: Span): readonly (string | number)[] {
  const labels: (string | number)[] = []
  for (const attribute of fieldsOf(bytes, node)) {
    if (attribute.number !== 5) continue
    for (const field of fieldsOf(bytes, lengthDelimited(attribute))) {
      if (field.number === 9) labels.push(textOf(bytes, field))
      if (field.number === 8) labels.push(...integersOf(bytes, field).map(Number))
    }
  }
  return labels
}

function scanAttribute(bytes: Uint8Array, span: Span, scan: GraphScan, depth: number): void {
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 5 || field.number === 10) scanTensor(bytes, lengthDelimited(field), scan)
    else if (field.number === 6 || field.number === 11) scanGraph(bytes, lengthDelimited(field), scan, depth + 1)
  }
}

function scanGraph(bytes: Uint8Array, span: Span, scan: GraphScan, depth: number): void {
  if (depth > MAX_DEPTH) throw malformed(`graphs nested more than ${MAX_DEPTH} deep`, span.from)
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 1) readNode(bytes, lengthDelimited(field), scan, depth)
    // a nested graph may publish a value of the graph around it
    else if (field.number === 12)
      for (const part of fieldsOf(bytes, lengthDelimited(field))) if (part.number === 1) scan.used.add(textOf(bytes, part))
  }
  readWeights(bytes, span, scan)
}

function scanTensor(bytes: Uint8Array, span: Span, scan: GraphScan): string {
  let name = ''
  let external = false
  for (const field of fieldsOf(bytes, span)) {
    if (field.number === 2) scan.elements.add(elementTypeName(smallIntegerOf(bytes, field)))
    else if (field.number === 8) name = textOf(bytes, field)
    else if (field.number === 14) external ||= smallIntegerOf(bytes, field) === 1
    else if (field.number === 13) external = true
  }
  if (external) scan.external.add(name)
  return name
}
