import type { GraphNode } from './onnx-node.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import { elementCode, elementTypeName } from './element-type.ts'
import { fieldsOf, lengthDelimited, smallIntegerOf, textOf, type Span } from './wire.ts'

const FLOAT = 1
const INT64 = 7
const BOOL = 9

/** The element type of operators for which no input decides it, by domain and name; of classifiers, that of the scores. */
const ANSWERS: ReadonlyMap<string, number> = new Map([
  ...each('ai.onnx.ml', 'LinearClassifier SVMClassifier TreeEnsembleClassifier', FLOAT),
  ...each('ai.onnx.ml', 'LinearRegressor SVMRegressor TreeEnsembleRegressor', FLOAT),
  ...each('ai.onnx.ml', 'Normalizer Scaler OneHotEncoder FeatureVectorizer', FLOAT),
  ...each('', 'ArgMax ArgMin Shape Size NonZero', INT64),
  ...each('', 'Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not IsNaN IsInf', BOOL),
])

/** The input that decides an operator's element type, where that is not the first. */
const FOLLOWS: ReadonlyMap<string, number> = new Map([
  [' Where', 1],
  [' CastLike', 1],
  [' DequantizeLinear', 1],
  [' OneHot', 2],
])

/**
 * The code of a value's element type (`TensorProto.DataType`): as the file declares it, or else as it follows from the operators
 * that produce it. Undefined when it is not known.
 */
export function elementOf(bytes: Uint8Array, graph: OnnxGraph, name: string): number | undefined {
  const declared = new Map<string, number>()
  for (const { name, type } of [...graph.inner, ...graph.inputs, ...graph.outputs])
    if (type.kind === 'tensor') {
      const code = elementCode(type.element)
      if (code !== undefined) declared.set(name, code)
    }
  for (const [name, code] of weightElements(bytes, graph.span)) declared.set(name, code)
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)))
  const seen = new Set<string>()
  for (let at: string | undefined = name; at !== undefined && !seen.has(at);) {
    seen.add(at)
    const known = declared.get(at)
    if (known !== undefined) return known
    const maker = makers.get(at)
    if (maker === undefined) return undefined
    if (isLabel(maker, at)) return undefined
    const code = answerOf(bytes, maker)
    if (code !== undefined) return code
    at = maker.inputs[FOLLOWS.get(`${maker.domain} ${maker.operator}`) ?? 0]
  }
  return undefined
}

/** The operator that produces a value and its element type, when that does not depend on the inputs. */
export function fixedElement(
  graph: OnnxGraph,
  name: string,
): { readonly operator: string; readonly element: string } | undefined {
  const maker = graph.nodes.find(({ outputs }) => outputs.includes(name))
  if (maker === undefined || maker.domain !== 'ai.onnx.ml' || isLabel(maker, name)) return undefined
  const code = ANSWERS.get(`${maker.domain} ${maker.operator}`)
  return code === undefined ? undefined : { operator: maker.operator, element: elementTypeName(code) }
}

function isLabel({ operator, outputs }: GraphNode, name: string): boolean {
  return operator.endsWith('Classifier') && outputs[0] === name
}

function each(domain: string, operators: string, code: number): readonly (readonly [operator: string, code: number])[] {
  return operators.split(' ').map((operator) => [`${domain} ${operator}`, code])
}

function answerOf(bytes: Uint8Array, { domain, operator, span }: GraphNode): number | undefined {
  if (domain === '' && operator === 'Cast') return attribute(bytes, span, 'to', 3)
  if (domain === '' && operator === 'Constant') return attribute(bytes, span, 'value', 5)
  if (domain === '' && operator === 'ConstantOfShape') return attribute(bytes, span, 'value', 5) ?? FLOAT
  return ANSWERS.get(`${domain} ${operator}`)
}

/** An integer attribute (field 3) or the element type of a tensor attribute (field 5). */
function attribute(bytes: Uint8Array, node: Span, wanted: string, holds: 3 | 5): number | undefined {
  for (const field of fieldsOf(bytes, node)) {
    if (field.number !== 5) continue
    let name = ''
    let code: number | undefined
    for (const part of fieldsOf(bytes, lengthDelimited(field))) {
      if (part.number === 1) name = textOf(bytes, part)
      else if (part.number === 3 && holds === 3) code = smallIntegerOf(bytes, part)
      else if (part.number === 5 && holds === 5) code = tensorElement(bytes, lengthDelimited(part)).code
    }
    if (name === wanted) return code
  }
  return undefined
}

function* weightElements(bytes: Uint8Array, graph: Span): Generator<readonly [name: string, code: number]> {
  for (const field of fieldsOf(bytes, graph)) {
    if (field.number !== 5) continue
    const { name, code } = tensorElement(bytes, lengthDelimited(field))
    if (code !== undefined) yield [name, code]
  }
}

function tensorElement(bytes: Uint8Array, tensor: Span): { readonly name: string; readonly code: number | undefined } {
  let name = ''
  let code: number | undefined
  for (const field of fieldsOf(bytes, tensor)) {
    if (field.number === 2) code = smallIntegerOf(bytes, field)
    else if (field.number === 8) name = textOf(bytes, field)
  }
  return { name, code }
}
