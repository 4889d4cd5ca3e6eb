import type { VectorField } from '@martlet/feature-store'
import type { InputMapping, OnnxGraph } from '@martlet/registry'
import { isMatrix } from './check-signature.ts'
import type { SignatureEntry } from './ml-model.ts'

/** The inputs of the file for the features of a service. */
export interface BoundSignature {
  readonly inputs: InputMapping
  readonly differences: readonly string[]
}

/**
 * Finds the feature of every input, or of every column of a matrix: the one that `given` says, else the one of the same name
 * (`view__feature`), else the one whose feature is called so, when only one is.
 */
export function bindSignature(
  graph: Pick<OnnxGraph, 'inputs'>,
  signature: readonly SignatureEntry[] | undefined,
  fields: readonly VectorField[],
  given: InputMapping,
): BoundSignature {
  if (isMatrix(graph, fields.length)) return bindMatrix(signature, fields, given)
  const names = new Set(graph.inputs.map(({ name }) => name))
  const inputs: Record<string, InputMapping[string]> = { ...given }
  for (const { name, feature } of fields) {
    if (inputOf(given[name]) !== undefined || names.has(name) || !names.has(feature)) continue
    if (fields.filter((field) => field.feature === feature).length > 1) continue
    const own = given[name]
    inputs[name] = typeof own === 'object' ? { ...own, input: feature } : feature
  }
  return { inputs, differences: [] }
}

/** A matrix has no names of its own: those of the signature must be the features, in the same order. */
function bindMatrix(
  signature: readonly SignatureEntry[] | undefined,
  fields: readonly VectorField[],
  given: InputMapping,
): BoundSignature {
  const columns = signature?.filter((entry) => entry.kind === 'column').map(({ name }) => name)
  const stated = fields.filter(({ name }) => inputOf(given[name]) !== undefined)
  const inputs = Object.fromEntries(
    Object.entries(given).flatMap(([name, own]) =>
      typeof own === 'object' && own.nullAs !== undefined ? [[name, { nullAs: own.nullAs }]] : [],
    ),
  )
  if (columns === undefined || columns.length === 0 || columns.some((name) => name === undefined)) {
    const differences = stated.map(
      ({ name }) => `${name} is bound to a column, but the signature names none: its input is a matrix.`,
    )
    return { inputs, differences }
  }
  const count = (feature: string): number => fields.filter((field) => field.feature === feature).length
  const differences = fields.flatMap(({ name, feature }, index) => {
    const column = columns[index]
    const own = inputOf(given[name])
    const fits = own === undefined ? column === name || (column === feature && count(feature) === 1) : column === own
    if (fits) return []
    const there = column === undefined ? 'no column' : `column ${JSON.stringify(column)}`
    return [
      `at position ${index} the signature has ${there}, and the service ${own === undefined ? name : `${name}, bound to ${JSON.stringify(own)}`}.`,
    ]
  })
  const more =
    columns.length > fields.length
      ? [`the signature has ${columns.length} columns, and the service ${fields.length} features.`]
      : []
  return { inputs, differences: [...differences, ...more] }
}

function inputOf(own: InputMapping[string] | undefined): string | undefined {
  return typeof own === 'string' ? own : own?.input
}
