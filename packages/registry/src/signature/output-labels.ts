import { classesOf } from '../artifact/onnx/class-labels.ts'
import type { TensorGraph, TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import type { OutputSpec } from './signature.ts'

type Classes = ReadonlyMap<string, readonly (string | number)[]>

/**
 * The classes that a trainer wrote into the file's metadata, as `martlet.classes`: a JSON object of output names to classes, one
 * per column. What does not fit the outputs is added to the differences.
 */
export function namedClasses({ graph, outputs }: TensorGraph, differences: string[]): Classes {
  const stored = graph.metadata['martlet.classes']
  if (stored === undefined) return new Map()
  const named = parsed(stored)
  if (named === undefined) {
    differences.push('the metadata entry "martlet.classes" is not a JSON object of outputs with arrays of classes.')
    return new Map()
  }
  for (const [name, classes] of named) {
    const output = outputs.find((one) => one.name === name)
    const columns = output?.shape?.at(-1)
    if (output === undefined)
      differences.push(
        `the metadata entry "martlet.classes" names the output ${JSON.stringify(name)}, which the model does not have.`,
      )
    else if (typeof columns === 'number' && columns !== classes.length)
      differences.push(
        `the metadata entry "martlet.classes" has ${classes.length} classes for output ${JSON.stringify(name)} of ${columns} columns.`,
      )
  }
  return named
}

/**
 * The classes of an output's columns: as the metadata names them, as a map had them that was cut out (also for the tensor it was
 * made from when that is an output too), or as the classifier has them whose scores they are.
 */
export function labelsOf(model: TensorGraph, { name, shape }: TensorSpec, named: Classes): OutputSpec['labels'] {
  const given = named.get(name) ?? model.cuts.find((cut) => cut.output === name || cut.publishes === name)?.labels
  if (given !== undefined) return given.length === 0 ? null : given
  const classes = classesOf(model.bytes, model.graph, name)
  return classes.length > 0 && shape?.length === 2 && shape[1] === classes.length ? classes : null
}

function parsed(text: string): Classes | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const entries = Object.entries(value)
    return entries.every(isClasses) ? new Map(entries) : undefined
  } catch {
    return undefined
  }
}

function isClasses(entry: [string, unknown]): entry is [string, readonly (string | number)[]] {
  const [, classes] = entry
  return Array.isArray(classes) && classes.every((one) => typeof one === 'string' || typeof one === 'number')
}
