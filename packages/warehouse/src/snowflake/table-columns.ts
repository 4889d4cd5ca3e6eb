import type { ColumnType } from '../column.ts'
import { sql, type Sql } from '../sql.ts'

/** One column as Snowflake's catalog tells it; `type` is undefined when no engine-free type stands for it. */
export interface TableColumn {
  readonly name: string
  readonly dataType: string
  readonly type: ColumnType | undefined
  readonly nullable: boolean
}

/** The catalog query for the columns of a table or view: name, data type, precision, scale, nullable. */
export function tableColumnsQuery(parts: readonly string[]): Sql {
  const [table = '', schema, database] = parts.toReversed().map((part) => part.toUpperCase())
  const catalog =
    database === undefined ? sql`INFORMATION_SCHEMA.COLUMNS` : sql`${sql.id(database)}.INFORMATION_SCHEMA.COLUMNS`
  return sql`
    SELECT column_name, data_type, numeric_precision, numeric_scale, is_nullable
    FROM ${catalog}
    WHERE table_name = ${table} AND table_schema = ${schema === undefined ? sql`CURRENT_SCHEMA()` : schema}
    ORDER BY ordinal_position
  `
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: 'boolean',
  FLOAT: 'double',
  DOUBLE: 'double',
  TEXT: 'text',
  DATE: 'date',
  TIMESTAMP_NTZ: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_TZ: 'timestamp',
}

/** The engine-free type: 10 and 19 digits are what `integer` and `bigint` are created as, 38 what Snowflake's own INTEGER is. */
export function columnTypeOf(dataType: string, precision: number, scale: number): ColumnType | undefined {
  if (dataType !== 'NUMBER') return TYPES[dataType]
  if (scale === 0 && precision === 10) return 'integer'
  if (scale === 0 && (precision === 19 || precision === 38)) return 'bigint'
  return { decimal: [precision, scale] }
}
