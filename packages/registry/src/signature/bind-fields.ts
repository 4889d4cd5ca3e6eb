import type { VectorField } from '@martlet/feature-store'
import type { TensorGraph, TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import { bindColumns, type InputMapping } from './bind-columns.ts'
import { bindMatrix } from './bind-matrix.ts'
import { isFloat, isWhole } from './field-types.ts'
import type { Bound } from './signature.ts'

/** Binds the fields of a service's vector to a model's inputs: to one matrix of numbers, or each to an input of its own. */
export function bindFields(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping = {}): Bound {
  const [first, ...more] = model.inputs
  if (first === undefined || more.length > 0 || !takesAll(first, fields, mapping))
    return bindColumns(model, fields, mapping)
  return bindMatrix(first, model, fields, mapping)
}

/** Whether an only input is the matrix of all features. */
function takesAll({ element, shape }: TensorSpec, fields: readonly VectorField[], mapping: InputMapping): boolean {
  if (shape?.length === 1) return false
  const mapped = Object.values(mapping)
  if (mapped.some((given) => typeof given === 'string' || given.input !== undefined)) return false
  // One whole number, or one with a stand-in, may as well be a column, which also takes timestamps.
  if (fields.length > 1) return isFloat(element) || isWhole(element)
  return isFloat(element) && mapped.length === 0
}
