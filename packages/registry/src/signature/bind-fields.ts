import type { VectorField } from '@martlet/feature-store'
import type { TensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { bindColumns, type InputMapping } from './bind-columns.ts'
import { bindMatrix } from './bind-matrix.ts'
import { isFloat } from './field-types.ts'
import type { Bound } from './signature.ts'

/** Binds the fields of a service's vector to a model's inputs: to one float matrix, or each to an input of its own. */
export function bindFields(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping = {}): Bound {
  const [first, ...more] = model.inputs
  const matrix = more.length === 0 && Object.keys(mapping).length === 0 ? first : undefined
  if (matrix === undefined || !isFloat(matrix.element) || matrix.shape?.length === 1)
    return bindColumns(model, fields, mapping)
  return bindMatrix(matrix, model, fields)
}
