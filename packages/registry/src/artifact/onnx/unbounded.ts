import { boundedOperator } from './bounded-operators.ts'
import type { GraphNode } from './onnx-node.ts'
import type { LocalFunction, OnnxGraph } from './onnx-graph.ts'

/**
 * What a value depends on, from harmless to not: fixed by the file; a dimension, which depends on the number of rows and never
 * shrinks as rows are added; computed from features, in a shape that does not depend on them; or text from features, of any length.
 */
type Kind = 'constant' | 'size' | 'data' | 'text'

type Kinds = Map<string, Kind>

/** Features may select one of several constant texts; if all are short, each needs about the memory that the trial measured. */
const LONG_TEXT = 64

/** Operators whose outputs are dimensions when their inputs are. No arithmetic, so more rows never make a dimension smaller. */
const KEEP_SIZES: ReadonlySet<string> = new Set(['Concat', 'Gather', 'Identity', 'Slice', 'Squeeze', 'Unsqueeze'])
/** Operators whose first input has the dimensions; the others select among them. */
const FIRST_CARRIES: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Squeeze', 'Unsqueeze'])

/**
 * The operators that make a model's time and memory depend on feature values and not only on the number of rows, such as `Loop` or
 * `Expand by values that are not constant`. When there are none, the model is bounded: it costs the most at the largest batch.
 */
export function unboundedOperators(graph: OnnxGraph): readonly string[] {
  const kinds: Kinds = new Map()
  for (const name of graph.weights) kinds.set(name, 'constant')
  for (const { name, type } of graph.inputs)
    kinds.set(name, type.kind === 'tensor' && type.element !== 'string' ? 'data' : 'text')
  const reasons = new Set(unboundedNodes(graph.nodes, kinds, graph.functions))
  const longest = Math.max(0, ...graph.scan.texts)
  if (longest > LONG_TEXT) reasons.add(`a constant text of ${longest} bytes`)
  for (const { domain, name, inputs, nodes } of graph.functions) {
    if (domain === '' || domain === 'ai.onnx.ml') reasons.add(`a function that replaces ${name}`)
    const inside: Kinds = new Map(inputs.map((input) => [input, 'data']))
    for (const reason of unboundedNodes(nodes, inside, graph.functions)) reasons.add(`${reason} in function ${name}`)
  }
  return [...reasons].toSorted()
}

/** Records the kind of every value and yields what is not bounded. Values that are read before they are defined count as text. */
function* unboundedNodes(
  nodes: readonly GraphNode[],
  kinds: Kinds,
  functions: readonly LocalFunction[],
): Generator<string, void> {
  const kindOf = (name: string | undefined): Kind =>
    name === undefined || name === '' ? 'constant' : (kinds.get(name) ?? 'text')
  for (const { domain, operator, inputs, outputs } of nodes) {
    const given = inputs.map(kindOf)
    let made: Kind = given.every((kind) => kind === 'constant') ? 'constant' : 'data'
    const rule = boundedOperator(domain, operator)
    const label = domain === '' ? operator : `${domain}.${operator}`
    if (functions.some((local) => local.domain === domain && local.name === operator)) {
      made = 'data'
      if (given.includes('text')) yield `${label} on text`
    } else if (rule === undefined) {
      made = 'data'
      yield label
    } else {
      const fixed = (rule.constant ?? []).every((index) => kindOf(inputs[index]) === 'constant')
      const sized = (rule.sizes ?? []).every((index) => ['constant', 'size'].includes(kindOf(inputs[index])))
      if (!fixed || !sized) yield `${label} by values that are not constant`
      if (operator === 'Shape' || operator === 'Size') made = 'size'
      else if (domain === '' && KEEP_SIZES.has(operator) && carriesSizes(operator, given)) made = 'size'
      else if (given.includes('text')) {
        if (rule.text === undefined) yield `${label} on text`
        made = rule.text === 'ended' ? 'data' : 'text'
      }
    }
    for (const output of outputs) kinds.set(output, made)
  }
}

function carriesSizes(operator: string, given: readonly Kind[]): boolean {
  const [first, ...rest] = given
  if (FIRST_CARRIES.has(operator)) return first === 'size' && rest.every((kind) => kind === 'constant')
  return given.includes('size') && given.every((kind) => kind === 'constant' || kind === 'size')
}
