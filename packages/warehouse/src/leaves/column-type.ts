import type { ColumnType } from '../column.ts'
import { MartletError } from '../errors.ts'
import { leaf, type Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

type NamedType = Extract<ColumnType, string>

const DUCKDB: Readonly<Record<NamedType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  // Not FLOAT, which has 4 bytes on DuckDB.
  double: 'DOUBLE',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  date: 'DATE',
}

const SNOWFLAKE: Readonly<Record<NamedType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'NUMBER(10, 0)',
  bigint: 'NUMBER(19, 0)',
  double: 'DOUBLE',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMP_NTZ(6)',
  date: 'DATE',
}

/**
 * The type's name in DDL and casts.
 * @throws MartletError LEAF_ARGUMENT when a decimal has other than 1 to 38 digits, or more digits after the point
 */
export const columnType: Leaf<(type: ColumnType) => Sql> = leaf({
  duckdb: (type) => sql.raw(typeof type === 'string' ? DUCKDB[type] : `DECIMAL(${decimal(type.decimal)})`),
  snowflake: (type) => sql.raw(typeof type === 'string' ? SNOWFLAKE[type] : `NUMBER(${decimal(type.decimal)})`),
})

function decimal([precision, scale]: readonly [number, number]): string {
  const valid =
    Number.isInteger(precision) &&
    Number.isInteger(scale) &&
    precision >= 1 &&
    precision <= 38 &&
    scale >= 0 &&
    scale <= precision
  if (!valid)
    throw new MartletError(
      'LEAF_ARGUMENT',
      `A decimal has 1 to 38 digits, of which 0 to all follow the point, not (${precision}, ${scale}).`,
    )
  return `${precision}, ${scale}`
}
