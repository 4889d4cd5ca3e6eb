import { fieldsOf, integersOf, lengthDelimited, textOf, type Span } from './wire.ts'

export interface GraphNode {
  readonly name: string
  readonly operator: string
  readonly domain: string
  /** Empty names stand for optional inputs that are left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The bytes of the node message inside the file. */
  readonly span: Span
}

export function readNode(bytes: Uint8Array, span: Span): GraphNode {
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
  }
  return { name, operator, domain: standardDomain(domain), inputs, outputs, span }
}

/** The standard domain has two names. */
export function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain
}

/** The class labels that a ZipMap node puts on its columns, or a classifier in the attributes of these names on its scores. */
export function classLabels(bytes: Uint8Array, node: Span, names?: readonly string[]): readonly (string | number)[] {
  const labels: (string | number)[] = []
  for (const attribute of fieldsOf(bytes, node)) {
    if (attribute.number !== 5) continue
    const parts = [...fieldsOf(bytes, lengthDelimited(attribute))]
    const name = parts.find(({ number }) => number === 1)
    if (names !== undefined && (name === undefined || !names.includes(textOf(bytes, name)))) continue
    for (const field of parts) {
      if (field.number === 9) labels.push(textOf(bytes, field))
      if (field.number === 8) labels.push(...integersOf(bytes, field).map(Number))
    }
  }
  return labels
}
