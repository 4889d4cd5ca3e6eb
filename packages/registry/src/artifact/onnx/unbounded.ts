import { boundedOperator } from './bounded-operators.ts'
import type { GraphNode } from './onnx-node.ts'
import type { LocalFunction, OnnxGraph } from './onnx-graph.ts'

/**
 * What a value can be, from harmless to not: fixed by the file; a size, which depends on the number of rows and never shrinks with it; made from
 * features in a shape that sizes fix; or text from features, whose length is open.
 */
type Kind = 'constant' | 'size' | 'data' | 'text'

type Kinds = Map<string, Kind>

/** A feature may choose between constant texts: short ones take about the memory that the trial has seen, whichever it was. */
const LONG_TEXT = 64

/** Operators that hand sizes on as sizes: no arithmetic, so that more rows never make a smaller one. */
const KEEP_SIZES: ReadonlySet<string> = new Set(['Concat', 'Gather', 'Identity', 'Slice', 'Squeeze', 'Unsqueeze'])
/** Only the first input carries sizes: the others say which. */
const FIRST_CARRIES: ReadonlySet<string> = new Set(['Gather', 'Slice', 'Squeeze', 'Unsqueeze'])

/**
 * Operators because of which a model's time and memory may depend on the values of features and not only on the number of rows, such as `Loop`
 * or `Expand by values that are not constant`. Empty: the model is bounded, and its cost at the most rows is the most it can cost.
 */
export function unboundedOperators(graph: OnnxGraph): readonly string[] {
  const kinds: Kinds = new Map()
  for (const name of graph.weights) kinds.set(name, 'constant')
  for (const { name, type } of graph.inputs) kinds.set(name, type.kind === 'tensor' && type.element !== 'string' ? 'data' : 'text')
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

/** Notes the kind of every value and yields what is not bounded. Nodes come in an order in which their inputs are known; what is not is open. */
function* unboundedNodes(nodes: readonly GraphNode[], kinds: Kinds, functions: readonly LocalFunction[]): Generator<string, void> {
  const kindOf = (name: string | undefined): Kind => (name === undefined || name === '' ? 'constant' : (kinds.get(name) ?? 'text'))
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
