import type { ColumnType } from './column.ts'
import type { Engine } from './engine.ts'

/**
 * The type that the engine's catalog reports for a column created with `type`: Snowflake has one NUMBER for whole
 * numbers and for decimals without digits after the point.
 */
export function storedType(engine: Engine, type: ColumnType): ColumnType {
  if (engine === 'duckdb' || typeof type === 'string' || type.decimal[1] !== 0) return type
  const [precision] = type.decimal
  return precision === 10 ? 'integer' : precision === 19 || precision === 38 ? 'bigint' : type
}
