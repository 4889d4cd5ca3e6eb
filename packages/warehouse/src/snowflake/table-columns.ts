import type { ColumnType } from '../column.ts'
import { rowsOf } from '../rows.ts'
import { sql, type Sql } from '../sql.ts'
import { splitTableName } from '../table/table-name.ts'
import type { Warehouse } from '../warehouse.ts'

/** One column as Snowflake's catalog has it; `type` is undefined when no engine-free type corresponds to it. */
export interface TableColumn {
  readonly name: string
  readonly dataType: string
  readonly type: ColumnType | undefined
  readonly nullable: boolean
}

/** The columns of a table or view; undefined when it does not exist. */
export async function tableColumns(
  warehouse: Pick<Warehouse, 'read'>,
  table: string,
): Promise<readonly TableColumn[] | undefined> {
  const rows = rowsOf<{
    column_name: string
    data_type: string
    numeric_precision: number | null
    numeric_scale: number | null
    is_nullable: string
  }>(await warehouse.read(tableColumnsQuery(splitTableName(table))))
  if (rows.length === 0) return undefined
  return rows.map((row) => ({
    name: row.column_name.toLowerCase(),
    dataType: row.data_type,
    type: columnTypeOf(row.data_type, row.numeric_precision ?? 38, row.numeric_scale ?? 0),
    nullable: row.is_nullable === 'YES',
  }))
}

function tableColumnsQuery(parts: readonly string[]): Sql {
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

/** The engine-free type: `integer` and `bigint` are created with 10 and 19 digits, Snowflake's own INTEGER with 38. */
export function columnTypeOf(dataType: string, precision: number, scale: number): ColumnType | undefined {
  if (dataType !== 'NUMBER') return TYPES[dataType]
  if (scale === 0 && precision === 10) return 'integer'
  if (scale === 0 && (precision === 19 || precision === 38)) return 'bigint'
  return { decimal: [precision, scale] }
}
