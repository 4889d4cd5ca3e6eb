import type { VectorField } from '@martlet/feature-store'
import { typeText } from '@martlet/warehouse'
import type { TensorGraph, TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import { fitsElement, isFloat, isWhole } from './field-types.ts'
import { nearest } from './nearest-name.ts'
import { boundField } from './bound-field.ts'
import { nullsOf, unknownInMapping } from './null-policy.ts'
import type { Bound, FieldBinding } from './signature.ts'

/** The model input that takes a field when their names differ, and what stands for null in an input that is not float. */
export interface InputMapping {
  readonly [field: string]: string | { readonly input?: string; readonly nullAs?: string | number | boolean }
}

/** Binds each field to an input of its own, by name or as the mapping says. */
export function bindColumns(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping): Bound {
  const wide = model.inputs.filter((input) => !holdsOneColumn(input))
  if (wide.length > 0) return { layout: 'columns', fields: [], differences: [wideInputs(wide, fields, mapping)] }
  const differences: string[] = []
  const bindings: FieldBinding[] = []
  const inputNames = model.inputs.map(({ name }) => name)
  const fieldNames = fields.map(({ name }) => name)
  const free = new Map(model.inputs.map((input) => [input.name, input]))
  for (const field of fields) {
    const mapped = mapping[field.name]
    const name = (typeof mapped === 'string' ? mapped : mapped?.input) ?? field.name
    const input = free.get(name)
    free.delete(name)
    if (input === undefined) {
      const feature = `feature ${JSON.stringify(field.name)}`
      if (inputNames.includes(name))
        differences.push(`${feature} is mapped to input ${JSON.stringify(name)}, which another feature uses already.`)
      else differences.push(`${feature} has no input ${JSON.stringify(name)} in the model${nearest(name, inputNames)}`)
      continue
    }
    const { nulls, differences: unlike } = nullsOf(field, input, mapping)
    if (!fitsElement(field.type, input.element, 'column'))
      differences.push(
        `feature ${JSON.stringify(field.name)} is ${typeText(field.type)}, ` +
          `input ${JSON.stringify(input.name)} takes ${input.element}.`,
      )
    differences.push(...unlike)
    bindings.push({ ...boundField(field), input: name, column: null, nulls })
  }
  for (const name of free.keys())
    differences.push(
      `input ${JSON.stringify(name)} of the model gets no feature from the service${nearest(name, fieldNames)}`,
    )
  differences.push(...unknownInMapping(mapping, fields))
  return { layout: 'columns', fields: bindings, differences }
}

/** What to do about inputs that are neither one matrix of all features nor one column. */
function wideInputs(inputs: readonly TensorSpec[], fields: readonly VectorField[], mapping: InputMapping): string {
  const [first] = inputs
  const are = inputs.map(
    ({ name, element, shape }) =>
      `input ${JSON.stringify(name)} is ${element} of the shape [${shape?.map((size) => size ?? '?').join(', ')}]`,
  )
  const matrix =
    inputs.length === 1 &&
    first !== undefined &&
    (isFloat(first.element) || isWhole(first.element)) &&
    first.shape?.length === 2
  if (matrix && fields.length > 1 && Object.keys(mapping).length > 0)
    return `${are.join(' and ')}; it takes all features in vector order, so map no inputs (a stand-in is { nullAs: … } alone).`
  const fix =
    'one feature gives [N] or [N, 1]; export the model with one input per feature, or with one matrix of numbers of all of them'
  return `${are.join(', ')}, and ${fix}.`
}

function holdsOneColumn({ shape }: TensorSpec): boolean {
  if (shape === null || shape.length === 1) return true
  return shape.length === 2 && (shape[1] === 1 || typeof shape[1] !== 'number')
}
