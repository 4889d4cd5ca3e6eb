import type { VectorField } from '@martlet/feature-store'
import type { TensorGraph } from '../artifact/onnx/tensor-graph.ts'
import { bindColumns, type InputMapping } from './bind-columns.ts'
import { bindMatrix } from './bind-matrix.ts'
import { isFloat } from './field-types.ts'
import type { FieldBinding } from './signature.ts'

/** The bindings found so far, and a sentence for everything that does not fit. */
export interface Bound {
  readonly layout: 'tensor' | 'columns'
  readonly fields: readonly FieldBinding[]
  readonly differences: readonly string[]
}

/** Binds the fields of a service's vector to a model's inputs: one float matrix takes all of them, else each has its own. */
export function bindFields(model: TensorGraph, fields: readonly VectorField[], mapping: InputMapping = {}): Bound {
  const [first, ...more] = model.inputs
  const matrix = more.length === 0 && Object.keys(mapping).length === 0 ? first : undefined
  if (matrix === undefined || !isFloat(matrix.element) || matrix.shape?.length === 1)
    return bindColumns(model, fields, mapping)
  return bindMatrix(matrix, model, fields)
}
