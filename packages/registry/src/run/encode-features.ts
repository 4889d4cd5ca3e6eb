import type { FeatureValue } from '@martlet/feature-store'
import type { TensorSpec } from '../artifact/onnx/tensor-graph.ts'
import { emptyTensor } from '../runtime/make-tensor.ts'
import type { Tensor, Tensors } from '../runtime/onnx-runtime.ts'
import type { FieldBinding, ModelSignature } from '../signature/signature.ts'
import type { FeatureSource } from './feature-rows.ts'
import { bitOf, floatOf, halfBitsOf, isWholeElement, textOf, wholeOf, type FeatureCell } from './feature-value.ts'

/** Rows `from` to `to` of a source; `size` rows are fed, the last one repeated to fill a batch whose size the model fixes. */
export interface RowRange {
  readonly from: number
  readonly to: number
  readonly size: number
}

/** The input tensors of a model. Buffers are new each time, because the runtime reads them after `run` has returned. */
export function encodeFeatures(signature: ModelSignature, source: FeatureSource, range: RowRange): Tensors {
  const { layout, inputs, fields } = signature
  if (layout === 'tensor') {
    const [input] = inputs
    if (input === undefined) return {}
    const matrix = emptyTensor(input.element, [range.size, fields.length])
    fields.forEach((binding, field) => {
      const whole = range.from === 0 && range.to === source.rows && range.size === source.rows
      const data = matrix.element === 'float32' || matrix.element === 'float64' ? matrix.data : undefined
      const fills = whole && binding.type !== 'boolean' && binding.nulls.kind === 'nan'
      if (fills && data !== undefined && source.fill !== undefined) source.fill(field, data, field, fields.length)
      else fillColumn(matrix, { source, range, binding, field }, field, fields.length)
    })
    return { [input.name]: matrix }
  }
  const feeds: Record<string, Tensor> = {}
  fields.forEach((binding, field) => {
    const input = inputs.find(({ name }) => name === binding.input)
    if (input !== undefined) feeds[input.name] = encodeColumn(input, { source, range, binding, field })
  })
  return feeds
}

/** One field of some rows. */
interface Column {
  readonly source: FeatureSource
  readonly range: RowRange
  readonly binding: FieldBinding
  readonly field: number
}

function encodeColumn({ element, shape }: TensorSpec, column: Column): Tensor {
  const { size } = column.range
  const dims = shape?.length === 1 ? [size] : [size, 1]
  if (element === 'string') {
    const data = Array.from({ length: size }, (_, row) => textOf(cellAt(column, row)))
    return { element, dims, data }
  }
  const tensor = emptyTensor(element, dims)
  fillColumn(tensor, column, 0, 1)
  return tensor
}

/** Writes the values of a field to every `stride`th place of a tensor, from `offset`. */
function fillColumn(tensor: Tensor, column: Column, offset: number, stride: number): void {
  const { element, data } = tensor
  const { size } = column.range
  for (let row = 0; row < size; row += 1) {
    const cell = cellAt(column, row)
    const at = offset + row * stride
    if (data instanceof BigInt64Array || data instanceof BigUint64Array)
      data[at] = wholeOf(data instanceof BigInt64Array ? 'int64' : 'uint64', cell)
    else if (ArrayBuffer.isView(data)) data[at] = numberOf(element, cell)
  }
}

function numberOf(element: Tensor['element'], cell: FeatureCell): number {
  if (element === 'float32' || element === 'float64') return floatOf(element, cell)
  if (element === 'float16') return halfBitsOf(cell)
  return isWholeElement(element) ? Number(wholeOf(element, cell)) : bitOf(cell)
}

function cellAt({ source, range, binding, field }: Column, row: number): FeatureCell {
  const given: FeatureValue = source.value(Math.min(range.from + row, range.to - 1), field)
  const value = given === null && binding.nulls.kind === 'value' ? binding.nulls.value : given
  return { value, binding, row: range.from + row }
}
