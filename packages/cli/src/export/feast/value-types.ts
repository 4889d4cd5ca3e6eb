import type { ColumnType } from '@martlet/warehouse'

/** Numbers of `feast.types.ValueType.Enum`. */
const VALUE_TYPES = {
  text: 2,
  integer: 3,
  bigint: 4,
  double: 5,
  boolean: 7,
  timestamp: 8,
  // Feast has no days; it reads those of warehouses as instants at midnight UTC.
  date: 8,
  decimal: 44,
} as const

/** The type that Feast has for a column. */
export function valueTypeOf(type: ColumnType): number {
  return typeof type === 'object' ? VALUE_TYPES.decimal : VALUE_TYPES[type]
}
