import type { ColumnType } from '@martlet/warehouse'

/** A column type as people write it: `decimal(12, 2)`. */
export function typeText(type: ColumnType): string {
  return typeof type === 'string' ? type : `decimal(${type.decimal.join(', ')})`
}

/** Whether values of a type are numbers. */
export function isNumber(type: ColumnType): boolean {
  return type === 'integer' || type === 'bigint' || type === 'double' || typeof type === 'object'
}
