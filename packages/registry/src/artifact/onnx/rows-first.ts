import type { OnnxGraph } from './onnx-graph.ts'
import { integersAttribute } from './node-attribute.ts'
import { node } from './onnx-writer.ts'
import { elementCode } from './element-type.ts'
import { tensorValue, type GraphValue } from './value-type.ts'
import { bytesField, message, textField } from '../../protobuf/wire-writer.ts'
import { fieldsOf, lengthDelimited, textOf, type Span } from './wire.ts'

/**
 * Puts the rows of stacked outputs first. scikit-learn's trees and neighbours of several outputs answer probabilities as
 * [outputs, N, classes]; served, an output has one entry per row, so it is transposed to [N, outputs, classes] under its name.
 * Only outputs that say so are changed: three dimensions, the first fixed and the second free, in a graph whose number of rows is
 * free.
 */
export function putRowsFirst(bytes: Uint8Array, graph: OnnxGraph): Uint8Array {
  const stacked = rowsAreFree(graph) ? graph.outputs.filter((output) => isStacked(graph, output)) : []
  if (stacked.length === 0) return bytes
  // A graph inside a node may read them too, under the names that they have now.
  if (stacked.some(({ name }) => graph.scan.used.has(name)) && nestsGraphs(bytes, graph)) return bytes
  const names = stacked.map(({ name }) => name)
  const fields: Uint8Array[] = []
  const transposes = names.map((name) => {
    const attributes = [integersAttribute('perm', [1, 0, 2])]
    return bytesField(1, node('Transpose', [stackedName(name)], [name], { attributes }))
  })
  let [nodeIndex, outputIndex] = [0, 0]
  for (const field of fieldsOf(bytes, graph.span)) {
    if (field.number === 1) {
      const { inputs = [], outputs = [] } = graph.nodes[nodeIndex++] ?? {}
      const named = [...inputs, ...outputs].some((name) => names.includes(name))
      fields.push(named ? bytesField(1, renamed(bytes, field, names)) : bytes.subarray(field.start, field.to))
      if (nodeIndex === graph.nodes.length) fields.push(...transposes)
      continue
    }
    const output = field.number === 12 ? graph.outputs[outputIndex++] : undefined
    if (output !== undefined && names.includes(output.name)) fields.push(bytesField(12, transposed(output)))
    else fields.push(bytes.subarray(field.start, field.to))
  }
  const changed = bytesField(7, message(...fields))
  return message(
    ...[...fieldsOf(bytes, { from: 0, to: bytes.length })].map((field) =>
      field.number === 7 ? changed : bytes.subarray(field.start, field.to),
    ),
  )
}

function rowsAreFree({ inputs }: OnnxGraph): boolean {
  return inputs.every(({ type }) => type.kind === 'tensor' && type.shape !== null && typeof type.shape[0] !== 'number')
}

function isStacked(graph: OnnxGraph, { name, type }: GraphValue): boolean {
  if (type.kind !== 'tensor' || type.shape?.length !== 3) return false
  const [first, second] = type.shape
  const made = graph.nodes.some(({ outputs }) => outputs.includes(name))
  return typeof first === 'number' && typeof second !== 'number' && made
}

/** Whether a node has graphs of its own, which may read values of this one. */
function nestsGraphs(bytes: Uint8Array, { nodes }: OnnxGraph): boolean {
  return nodes.some(({ span }) =>
    [...fieldsOf(bytes, span)].some(
      (attribute) =>
        attribute.number === 5 &&
        [...fieldsOf(bytes, lengthDelimited(attribute))].some(({ number }) => number === 6 || number === 11),
    ),
  )
}

function stackedName(output: string): string {
  return `${output} by output`
}

/** A node that makes or reads them, with their new names. */
function renamed(bytes: Uint8Array, span: Span, names: readonly string[]): Uint8Array {
  return message(
    ...[...fieldsOf(bytes, span)].map((field) => {
      const name = field.number <= 2 ? textOf(bytes, field) : undefined
      return name !== undefined && names.includes(name)
        ? textField(field.number, stackedName(name))
        : bytes.subarray(field.start, field.to)
    }),
  )
}

function transposed({ name, type }: GraphValue): Uint8Array {
  if (type.kind !== 'tensor') throw new TypeError(`${name} is no tensor`)
  const [outputs = null, rows = null, classes = null] = type.shape ?? []
  return tensorValue(name, elementCode(type.element) ?? 1, [rows, outputs, classes])
}
