import type { ColumnType } from '@martlet/warehouse'

/** Whether values of a type are numbers. */
export function isNumber(type: ColumnType): boolean {
  return type === 'integer' || type === 'bigint' || type === 'double' || typeof type === 'object'
}
