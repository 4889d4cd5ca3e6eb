import type { VectorField } from '@martlet/feature-store'
import { typeText } from '@martlet/warehouse'
import type { TensorGraph, TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import type { InputMapping } from './bind-columns.ts'
import { boundField } from './bound-field.ts'
import { fitsElement } from './field-types.ts'
import { nearest } from './nearest-name.ts'
import { nullsOf, unknownInMapping } from './null-policy.ts'
import type { Bound } from './signature.ts'

/** Binds all fields, in vector order, to the columns of one input of numbers [N, F]. */
export function bindMatrix(
  spec: TensorSpec,
  model: TensorGraph,
  fields: readonly VectorField[],
  mapping: InputMapping,
): Bound {
  const { name: input, element, shape } = spec
  const differences: string[] = []
  const article = element.startsWith('int') ? 'an' : 'a'
  const where = `input ${JSON.stringify(input)}`
  if (shape !== null && shape.length !== 2)
    differences.push(
      `${where} has ${shape.length} dimensions, [${shape.join(', ')}]; a service gives rows and features, [N, ${fields.length}].`,
    )
  const width = shape?.length === 2 ? shape[1] : null
  if (typeof width === 'number' && width !== fields.length)
    differences.push(`${where} takes ${width} features, the service has ${fields.length}.`)
  const names = featureNames(model, differences)
  if (names !== null) differences.push(...orderDifferences(names, fields))
  for (const { name, type } of fields)
    if (!fitsElement(type, element, 'matrix'))
      differences.push(
        `feature ${JSON.stringify(name)} is ${typeText(type)}, which ${article} ${element} matrix cannot hold; ` +
          'leave it out of the service, or give it an input of its own.',
      )
  const bound = fields.map((field) => ({ field, ...nullsOf(field, spec, mapping) }))
  differences.push(...bound.flatMap((one) => one.differences), ...unknownInMapping(mapping, fields))
  return {
    layout: 'tensor',
    differences,
    fields: bound.map(({ field, nulls }, column) => ({ ...boundField(field), input, column, nulls })),
  }
}

/** Feature names as the trainer stored them, or null when the file has none. */
function featureNames(model: TensorGraph, differences: string[]): readonly string[] | null {
  const stored = model.graph.metadata['martlet.features']
  if (stored === undefined) return null
  try {
    const names: unknown = JSON.parse(stored)
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  } catch {
    // Reported below, like JSON of another shape.
  }
  differences.push('the metadata entry "martlet.features" is not a JSON array of names.')
  return null
}

function orderDifferences(names: readonly string[], fields: readonly VectorField[]): readonly string[] {
  const expected = fields.map(({ name }) => name)
  const missing = names.filter((name) => !expected.includes(name))
  const extra = expected.filter((name) => !names.includes(name))
  if (missing.length + extra.length > 0)
    return [
      ...missing.map(
        (name) =>
          `the model was trained on ${JSON.stringify(name)}, which the service does not have${nearest(name, expected)}`,
      ),
      ...extra.map((name) => `the service has ${JSON.stringify(name)}, which the model was not trained on.`),
    ]
  const at = expected.findIndex((name, index) => name !== names[index])
  if (at === -1 && names.length === expected.length) return []
  const position = at === -1 ? expected.length : at
  const [theirs, ours] = [names[position] ?? null, expected[position] ?? null].map((name) => JSON.stringify(name))
  return [`the model's features are in another order: at position ${position} it has ${theirs}, the service ${ours}.`]
}
