import type { VectorField } from '@martlet/feature-store'
import type { TensorGraph, TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import { fitsElement, typeName } from './field-types.ts'
import { nearest } from './nearest-name.ts'
import type { FieldBinding, NullPolicy } from './signature.ts'

/** Which model input takes a field, when its name is another, and what stands for null in an input that is not float. */
export interface InputMapping {
  readonly [field: string]: string | { readonly input?: string; readonly nullAs?: string | number | boolean }
}

/** The bindings found so far, and a sentence for everything that does not fit. */
export interface Bound {
  readonly layout: 'tensor' | 'columns'
  readonly fields: readonly FieldBinding[]
  readonly differences: readonly string[]
}

/** Binds the fields of a service's vector to a model's inputs. */
export function bindFields(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping = {}): Bound {
  const [only] = model.inputs
  const oneMatrix = model.inputs.length === 1 && only !== undefined && isFloat(only) && only.shape?.length !== 1 && Object.keys(mapping).length === 0
  return oneMatrix ? bindMatrix(only, model, fields) : bindColumns(model, fields, mapping)
}

function bindMatrix(input: TensorSpec, model: TensorGraph, fields: readonly VectorField[]): Bound {
  const differences: string[] = []
  const where = `input ${JSON.stringify(input.name)}`
  if (input.shape !== null && input.shape.length !== 2) differences.push(`${where} has ${input.shape.length} dimensions, [${input.shape.join(', ')}]; a service gives rows and features, [N, ${fields.length}].`)
  const width = input.shape?.length === 2 ? input.shape[1] : null
  if (typeof width === 'number' && width !== fields.length) differences.push(`${where} takes ${width} features, the service has ${fields.length}.`)
  const names = featureNames(model, differences)
  if (names !== null) differences.push(...orderDifferences(names, fields))
  for (const field of fields)
    if (!fitsElement(field.type, input.element, 'matrix'))
      differences.push(`feature ${JSON.stringify(field.name)} is ${typeName(field.type)}, which a ${input.element} matrix cannot hold; leave it out of the service, or give it an input of its own.`)
  return {
    layout: 'tensor',
    differences,
    fields: fields.map(({ name, type, nullable }, column) => ({ field: name, type, nullable, input: input.name, column, nulls: { kind: 'nan' } })),
  }
}

function bindColumns(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping): Bound {
  const differences: string[] = []
  const bindings: FieldBinding[] = []
  const left = new Map(model.inputs.map((input) => [input.name, input]))
  for (const field of fields) {
    const mapped = mapping[field.name]
    const name = (typeof mapped === 'string' ? mapped : mapped?.input) ?? field.name
    const input = left.get(name)
    left.delete(name)
    if (input === undefined) {
      const taken = model.inputs.some((candidate) => candidate.name === name)
      differences.push(
        taken
          ? `feature ${JSON.stringify(field.name)} goes to input ${JSON.stringify(name)}, which another feature has already.`
          : `feature ${JSON.stringify(field.name)} has no input ${JSON.stringify(name)} in the model${nearest(name, model.inputs.map((candidate) => candidate.name))}`,
      )
      continue
    }
    if (!fitsElement(field.type, input.element, 'column')) differences.push(`feature ${JSON.stringify(field.name)} is ${typeName(field.type)}, input ${JSON.stringify(name)} takes ${input.element}.`)
    if (input.shape !== null && !(input.shape.length === 1 || (input.shape.length === 2 && (input.shape[1] === 1 || typeof input.shape[1] !== 'number'))))
      differences.push(`input ${JSON.stringify(name)} has the shape [${input.shape.join(', ')}]; one feature gives [N] or [N, 1].`)
    const nulls = nullPolicy(input, typeof mapped === 'object' ? mapped.nullAs : undefined)
    if (nulls.kind === 'refused' && field.nullable)
      differences.push(`feature ${JSON.stringify(field.name)} may be null and input ${JSON.stringify(name)} is ${input.element}, which cannot say so; name a stand-in, inputs: { ${JSON.stringify(field.name)}: { nullAs: … } }.`)
    if (nulls.kind === 'value' && !fitsValue(nulls.value, input)) differences.push(`nullAs of feature ${JSON.stringify(field.name)} is ${JSON.stringify(nulls.value)}, input ${JSON.stringify(name)} takes ${input.element}.`)
    bindings.push({ field: field.name, type: field.type, nullable: field.nullable, input: name, column: null, nulls })
  }
  for (const name of left.keys()) differences.push(`input ${JSON.stringify(name)} of the model gets no feature from the service${nearest(name, fields.map((field) => field.name))}`)
  for (const name of Object.keys(mapping)) if (!fields.some((field) => field.name === name)) differences.push(`inputs names ${JSON.stringify(name)}, which is no feature of the service${nearest(name, fields.map((field) => field.name))}`)
  return { layout: 'columns', fields: bindings, differences }
}

/** Feature names as the trainer stored them, or null when the file has none. */
function featureNames(model: TensorGraph, differences: string[]): readonly string[] | null {
  const stored = model.graph.metadata['martlet.features']
  if (stored === undefined) return null
  try {
    const names: unknown = JSON.parse(stored)
    if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return names
  } catch {
    // said below, in the same words as JSON of another shape
  }
  differences.push('the metadata entry "martlet.features" is not a JSON array of names.')
  return null
}

function orderDifferences(names: readonly string[], fields: readonly VectorField[]): readonly string[] {
  const expected = fields.map(({ name }) => name)
  const missing = names.filter((name) => !expected.includes(name)).map((name) => `the model was trained on ${JSON.stringify(name)}, which the service does not have${nearest(name, expected)}`)
  const extra = expected.filter((name) => !names.includes(name)).map((name) => `the service has ${JSON.stringify(name)}, which the model was not trained on.`)
  if (missing.length + extra.length > 0) return [...missing, ...extra]
  const at = expected.findIndex((name, index) => name !== names[index])
  if (at === -1 && names.length === expected.length) return []
  return [`the model's features come in another order: at position ${at} it has ${JSON.stringify(names[at] ?? null)}, the service ${JSON.stringify(expected[at] ?? null)}.`]
}

function nullPolicy(input: TensorSpec, nullAs: string | number | boolean | undefined): NullPolicy {
  if (nullAs !== undefined) return { kind: 'value', value: nullAs }
  return isFloat(input) ? { kind: 'nan' } : { kind: 'refused' }
}

function fitsValue(value: string | number | boolean, { element }: TensorSpec): boolean {
  if (element === 'string') return typeof value === 'string'
  if (element === 'bool') return typeof value === 'boolean'
  return typeof value === 'number' && (element.startsWith('float') || Number.isSafeInteger(value))
}

function isFloat({ element }: TensorSpec): boolean {
  return element === 'float32' || element === 'float64'
}
