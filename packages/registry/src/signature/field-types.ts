import type { ColumnType } from '@martlet/warehouse'
import type { ElementType } from '../artifact/onnx/element-type.ts'

type SimpleType = Exclude<ColumnType, object> | 'decimal'

const FITS: Readonly<Record<SimpleType, readonly ElementType[]>> = {
  boolean: ['bool', 'float32', 'float64', 'int64', 'int32', 'uint8'],
  integer: ['int64', 'int32', 'float32', 'float64'],
  bigint: ['int64', 'float32', 'float64'],
  double: ['float32', 'float64'],
  decimal: ['float32', 'float64'],
  text: ['string'],
  // Microseconds of today have 51 bits; float32 keeps 24 of them, and in a matrix such numbers would outweigh all others.
  timestamp: ['int64', 'float64'],
  date: ['int64', 'int32', 'float32', 'float64'],
}

/** Whether values of a column type can be fed as an element type without changing their meaning. */
export function fitsElement(type: ColumnType, element: ElementType, layout: 'matrix' | 'column'): boolean {
  const name = typeof type === 'object' ? 'decimal' : type
  return FITS[name].includes(element) && !(layout === 'matrix' && name === 'timestamp')
}

/** Whether an element type has a NaN to stand for a missing value. */
export function isFloat(element: ElementType): boolean {
  return element === 'float32' || element === 'float64'
}
