import type { ColumnType } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { Leaf } from './leaf.ts'
import { sql, type Sql } from '../sql.ts'

type NamedType = Extract<ColumnType, string>

const DUCKDB: Readonly<Record<NamedType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  // Never FLOAT: that is 4 bytes wide here.
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

/** The type's name in DDL and casts. */
export const columnType: Leaf<(type: ColumnType) => Sql> = {
  duckdb: (type) => sql.raw(typeof type === 'string' ? DUCKDB[type] : `DECIMAL(${decimal(type.decimal)})`),
  snowflake: (type) => sql.raw(typeof type === 'string' ? SNOWFLAKE[type] : `NUMBER(${decimal(type.decimal)})`),
}

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
      `A decimal has 1 to 38 digits and no more of them behind the point, not (${precision}, ${scale}).`,
    )
  return `${precision}, ${scale}`
}
