import type { ColumnType } from '@martlet/warehouse'
import type { ElementType } from '../artifact/onnx/element-type.ts'

type SimpleType = Exclude<ColumnType, object> | 'decimal'

const WHOLE: readonly ElementType[] = ['int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64']
const FLOATS: readonly ElementType[] = ['float16', 'float32', 'float64']

/** A value that its element type cannot hold is refused when it is fed: 300 in int8, 70000 in float16. */
const FITS: Readonly<Record<SimpleType, readonly ElementType[]>> = {
  boolean: ['bool', ...FLOATS, ...WHOLE],
  integer: [...WHOLE, ...FLOATS],
  bigint: [...WHOLE, ...FLOATS],
  double: FLOATS,
  decimal: FLOATS,
  text: ['string'],
  // Microseconds of today have 51 bits; float32 keeps 24 of them, and in a matrix such numbers would outweigh all others.
  timestamp: ['int64', 'float64'],
  date: ['int64', 'int32', 'float32', 'float64'],
}

/** Whether values of a column type can be fed as an element type without changing their meaning. */
export function fitsElement(type: ColumnType, element: ElementType, layout: 'matrix' | 'column'): boolean {
  const name = typeof type === 'object' ? 'decimal' : type
  if (layout === 'column') return FITS[name].includes(element)
  if (name === 'timestamp') return false
  // A matrix has one element type for all: numbers that are whole may come from columns of doubles.
  return FITS[name].includes(element) || ((name === 'double' || name === 'decimal') && isWhole(element))
}

/** Whether an element type holds whole numbers only. */
export function isWhole(element: ElementType): boolean {
  return WHOLE.includes(element)
}

/** Whether an element type has a NaN to stand for a missing value. */
export function isFloat(element: ElementType): boolean {
  return FLOATS.includes(element)
}
