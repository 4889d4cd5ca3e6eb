import type { ColumnType } from '../column.ts'
import { sql, type Sql } from '../sql.ts'

/** One column as DuckDB's catalog has it; `type` is undefined when no engine-free type corresponds to it. */
export interface TableColumn {
  readonly name: string
  readonly dataType: string
  readonly type: ColumnType | undefined
  readonly nullable: boolean
}

/** The catalog query for the columns of a table or view: name, data type, nullable. */
export function tableColumnsQuery(parts: readonly string[]): Sql {
  const [table, schema, database] = parts.toReversed()
  const where =
    schema === undefined
      ? sql`(database_name = current_database() AND schema_name = current_schema()) OR database_name = 'temp'`
      : sql`
        lower(schema_name) = lower(${schema})
          AND lower(database_name) IN (${database === undefined ? sql`lower(current_database()), 'temp'` : sql`lower(${database})`})
      `
  return sql`
    SELECT column_name, data_type, is_nullable, database_name
    FROM duckdb_columns()
    WHERE lower(table_name) = lower(${table}) AND (${where})
    ORDER BY database_name = 'temp' DESC, column_index
  `
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'integer',
  UTINYINT: 'integer',
  SMALLINT: 'integer',
  USMALLINT: 'integer',
  INTEGER: 'integer',
  UINTEGER: 'bigint',
  BIGINT: 'bigint',
  UBIGINT: 'bigint',
  HUGEINT: 'double',
  UHUGEINT: 'double',
  FLOAT: 'double',
  DOUBLE: 'double',
  VARCHAR: 'text',
  JSON: 'text',
  UUID: 'text',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_S: 'timestamp',
  TIMESTAMP_MS: 'timestamp',
  TIMESTAMP_NS: 'timestamp',
  'TIMESTAMP WITH TIME ZONE': 'timestamp',
  DATE: 'date',
}

/** The engine-free type of a DuckDB type name. */
export function columnTypeOf(dataType: string): ColumnType | undefined {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(dataType)
  if (decimal !== null) return { decimal: [Number(decimal[1]), Number(decimal[2])] }
  if (dataType.startsWith('ENUM(') && !dataType.endsWith(']')) return 'text'
  return TYPES[dataType]
}
