import { MartletError } from '@martlet/warehouse'
import { cutOutputs, type OutputCut } from './cut-outputs.ts'
import { isElementType, type ElementType } from './element-type.ts'
import { readOnnx, type OnnxGraph } from './onnx-graph.ts'
import { putRowsFirst } from './rows-first.ts'
import type { Dimension, GraphValue } from './value-type.ts'
import { fixedElement } from './value-element.ts'

/** An input or output of a graph that is a tensor. */
export interface TensorSpec {
  readonly name: string
  readonly element: ElementType
  /** Null: the model does not say. */
  readonly shape: readonly Dimension[] | null
}

/** An ONNX model whose inputs and outputs are all plain tensors, and the bytes to store and run. */
export interface TensorGraph {
  readonly bytes: Uint8Array
  readonly graph: OnnxGraph
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  readonly cuts: readonly OutputCut[]
}

/**
 * Reads a model for serving: without nodes that make maps and sequences of its outputs, and with rows first in every output.
 *
 * @throws MartletError ONNX_MALFORMED when the bytes are not a whole model
 * @throws MartletError ONNX_UNSUPPORTED when the model cannot be served; the message lists every reason and its fix
 */
export function readTensorGraph(source: Uint8Array): TensorGraph {
  const { bytes: cut, cuts } = cutOutputs(source)
  const bytes = putRowsFirst(cut, readOnnx(cut))
  const graph = readOnnx(bytes)
  const problems: string[] = []
  if (graph.scan.external.size > 0)
    problems.push(
      `weights are in another file (${[...graph.scan.external].slice(0, 5).join(', ')}); save the model as one file, ` +
        'in Python onnx.save_model(model, path, save_as_external_data=False)',
    )
  if (graph.scan.unknown.size > 0)
    problems.push(
      `it has fields that ONNX 1.23 does not define and that could hold tensors (${[...graph.scan.unknown].slice(0, 5).join(', ')}); ` +
        'export it for an older IR version',
    )
  if (graph.inputs.length === 0) problems.push('the graph has no inputs')
  if (graph.outputs.length === 0) problems.push('the graph has no outputs')
  const values = [...graph.inputs, ...graph.outputs, ...graph.inner]
  if (
    graph.scan.elements.has('bfloat16') ||
    values.some(({ type }) => type.kind === 'tensor' && type.element === 'bfloat16')
  )
    problems.push(
      'it computes in bfloat16, which no CPU runtime supports; convert the model to float32 before exporting it',
    )
  const inputs = graph.inputs.flatMap((value) => tensorSpec('input', value, problems))
  const outputs = graph.outputs.flatMap((value) => tensorSpec('output', value, problems))
  for (const { name, element } of outputs) {
    const fixed = fixedElement(graph, name)
    if (fixed !== undefined && fixed.element !== element)
      problems.push(
        `output ${JSON.stringify(name)} is declared ${element}, but ${fixed.operator} always answers ${fixed.element}; ` +
          `export the model with ${fixed.element} inputs (scikit-learn: FloatTensorType)`,
      )
  }
  if (problems.length === 0) return { bytes, graph, inputs, outputs, cuts }
  throw new MartletError('ONNX_UNSUPPORTED', `This ONNX model cannot be served: ${problems.join('; ')}.`, {
    data: { problems },
  })
}

function tensorSpec(role: 'input' | 'output', { name, type }: GraphValue, problems: string[]): readonly TensorSpec[] {
  if (type.kind !== 'tensor') {
    problems.push(
      `${role} ${JSON.stringify(name)} is ${type.description}, not a tensor; ${tensorFix(role, type.description)}`,
    )
    return []
  }
  if (isElementType(type.element)) return [{ name, element: type.element, shape: type.shape }]
  if (type.element !== 'bfloat16')
    problems.push(`${role} ${JSON.stringify(name)} holds ${type.element}; cast it to float32 in the model`)
  return []
}

function tensorFix(role: 'input' | 'output', description: string): string {
  if (role === 'input') return 'give the model plain tensors'
  return description.endsWith(' tensors') && !description.includes('map')
    ? 'publish each tensor as an output of its own; only a sequence that SequenceConstruct makes at the end of the graph is taken apart'
    : 'publish the tensor it is made from instead (scikit-learn classifiers: options={id(model): {"zipmap": False}})'
}
