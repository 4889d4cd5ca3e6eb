import { classLabels } from './onnx-node.ts'
import type { OnnxGraph } from './onnx-graph.ts'

/** Operators that keep the columns of their first input. */
const KEEP_COLUMNS: ReadonlySet<string> = new Set([
  'Identity',
  'Cast',
  'Softmax',
  'Sigmoid',
  'Reshape',
  'ai.onnx.ml.Normalizer',
])
const CLASSIFIERS: ReadonlySet<string> = new Set(['LinearClassifier', 'SVMClassifier', 'TreeEnsembleClassifier'])
const LABELS = ['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']

/** The classes that a value's columns stand for, when it is the scores of a classifier of the file; empty when it is not. */
export function classesOf(bytes: Uint8Array, graph: OnnxGraph, value: string): readonly (string | number)[] {
  let at: string | undefined = value
  for (let step = 0; at !== undefined && step < graph.nodes.length; step += 1) {
    const name: string = at
    const maker = graph.nodes.find(({ outputs }) => outputs.includes(name))
    if (maker === undefined) return []
    const operator = maker.domain === '' ? maker.operator : `${maker.domain}.${maker.operator}`
    if (maker.domain === 'ai.onnx.ml' && CLASSIFIERS.has(maker.operator))
      return maker.outputs[1] === name ? classLabels(bytes, maker.span, LABELS) : []
    if (!KEEP_COLUMNS.has(operator)) return []
    at = maker.inputs[0]
  }
  return []
}
