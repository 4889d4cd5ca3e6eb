import type { ColumnType } from '@martlet/warehouse'

/** A column type as answers show it: `decimal(12,2)`, or its own name. */
export function typeName(type: ColumnType): string {
  return typeof type === 'object' ? `decimal(${type.decimal.join(',')})` : type
}
