import { isDecimalVector, type ColumnVector } from '../column.ts'
import { decimalText } from '../decimal.ts'
import { MartletError } from '../errors.ts'
import { columnType } from '../leaves/column-type.ts'
import { tableRef } from '../table/table-name.ts'
import type { CompiledSql } from '../warehouse.ts'
import { doubleText } from './parameters.ts'
import type { Session } from './session.ts'
import type { TableColumn } from './table-columns.ts'
import { sql, type Sql } from '../sql.ts'

/** Fewer values than the SDK sends in one request; with more it would use a stage of its own. */
const BATCH_VALUES = 50_000

/** An INSERT that takes any number of rows as texts, each cast to its column's type. */
export function insertStatement(
  table: string,
  columns: readonly TableColumn[],
  vectors: readonly ColumnVector[],
  compile: (statement: Sql) => CompiledSql,
): string {
  const names = sql.join(columns.map(({ name }) => sql.id(name)))
  const values = sql.join(vectors.map((vector, index) => cast(vector, columns[index])))
  return compile(sql`INSERT INTO ${tableRef(table)} (${names}) VALUES (${values})`).sql
}

/** Writes the rows with an INSERT of `insertStatement`; returns how many Snowflake says it wrote. */
export async function insertRows(
  session: Session,
  insert: string,
  vectors: readonly ColumnVector[],
  rows: number,
): Promise<number> {
  let written = 0
  for (const some of textRows(vectors, rows)) written += await session.runRows(insert, some)
  return written
}

export function appendFailed(table: string, written: number, rows: number): MartletError {
  return new MartletError(
    'APPEND_FAILED',
    `Snowflake wrote ${written} of ${rows} rows to ${table}. Nothing was appended.`,
    { data: { table, written, rows } },
  )
}

/** The rows as texts, in groups that fit into one request. */
function* textRows(vectors: readonly ColumnVector[], rows: number): Generator<(string | null)[][]> {
  const size = Math.max(1, Math.floor(BATCH_VALUES / Math.max(1, vectors.length)))
  const texts = vectors.map(textOf)
  for (let from = 0; from < rows; from += size) {
    yield Array.from({ length: Math.min(size, rows - from) }, (_, row) => texts.map((text) => text(from + row)))
  }
}

// The text has `?` itself: values are bound row by row.
function cast(vector: ColumnVector, column: TableColumn | undefined): Sql {
  if (vector.type === 'timestamp')
    return sql.raw('CAST(TO_TIMESTAMP_NTZ(CAST(? AS NUMBER(19, 0)), 6) AS TIMESTAMP_NTZ(6))')
  return sql`CAST(${sql.raw('?')} AS ${columnType.snowflake(column?.type ?? vector.type)})`
}

function textOf(vector: ColumnVector): (row: number) => string | null {
  const present = presentText(vector)
  const { nulls } = vector
  return nulls === null ? present : (row) => (nulls[row] === 1 ? null : present(row))
}

function presentText(vector: ColumnVector): (row: number) => string {
  if (isDecimalVector(vector)) return (row) => decimalText(vector.values[row] ?? 0n, vector.type.decimal[1])
  switch (vector.type) {
    case 'boolean':
      return (row) => (vector.values[row] === 1 ? 'true' : 'false')
    case 'double':
      return (row) => doubleText(vector.values[row] ?? 0)
    case 'date':
      return (row) => dayText(vector.values[row] ?? 0)
    case 'text':
      return (row) => vector.values[row] ?? ''
    case 'integer':
    case 'bigint':
    case 'timestamp':
      break
  }
  return (row) => String(vector.values[row] ?? 0)
}

function dayText(days: number): string {
  return new Date(days * 86_400_000).toISOString().split('T')[0] ?? ''
}
