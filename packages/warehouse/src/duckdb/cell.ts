import type { ColumnType } from '../column.ts'
import { columnType } from '../leaves/column-type.ts'
import { columnTypeOf } from './table-columns.ts'
import { sql, type Sql } from '../sql.ts'

/** A cell of a file: whether it is empty, and its value in the type wanted, which is null when the cell does not fit. */
export interface Cell {
  readonly empty: Sql
  readonly value: Sql
}

/** A cell of text (CSV, JSON) read as `type`. Blanks around a value are ignored, except in text. */
export function textCell(text: Sql, type: ColumnType): Cell {
  if (type === 'text') return { empty: sql`${text} IS NULL`, value: text }
  const trimmed = sql`NULLIF(trim(${text}), '')`
  return { empty: sql`${trimmed} IS NULL`, value: parsed(trimmed, type) }
}

/** A cell of a Parquet column of the given DuckDB type, read as `type`. */
export function typedCell(raw: Sql, dataType: string, type: ColumnType): Cell {
  const stored = columnTypeOf(dataType)
  if (stored === undefined) return textCell(sql`CAST(to_json(${raw}) AS VARCHAR)`, type)
  if (stored === 'text') return textCell(sql`CAST(${raw} AS VARCHAR)`, type)
  const empty = sql`${raw} IS NULL`
  if (stored === 'timestamp' && type === 'timestamp')
    return {
      empty,
      value: dataType.endsWith('TIME ZONE') ? sql`timezone('UTC', ${raw})` : sql`CAST(${raw} AS TIMESTAMP)`,
    }
  if (isLossless(stored, type)) return { empty, value: sql`TRY_CAST(${raw} AS ${columnType.duckdb(type)})` }
  return textCell(sql`CAST(${raw} AS VARCHAR)`, type)
}

/** The cell's value, or an error that stops the statement when it does not fit. */
export function checked({ empty, value }: Cell, required: boolean): Sql {
  const none = required ? sql`error('empty cell')` : sql`NULL`
  return sql`CASE WHEN ${empty} THEN ${none} ELSE COALESCE(${value}, error('bad cell')) END`
}

/** True where `checked` stops. */
export function isBad({ empty, value }: Cell, required: boolean): Sql {
  return required ? sql`(${value}) IS NULL` : sql`NOT (${empty}) AND (${value}) IS NULL`
}

function parsed(text: Sql, type: Exclude<ColumnType, 'text'>): Sql {
  if (type === 'boolean')
    return sql`
      CASE
        WHEN lower(${text}) IN ('true', 't', '1') THEN TRUE
        WHEN lower(${text}) IN ('false', 'f', '0') THEN FALSE END
    `
  if (type === 'timestamp') {
    // A cast to TIMESTAMP would drop an offset. Text without one is UTC, like the session, and the plain cast is much faster.
    const withOffset = sql`timezone('UTC', TRY_CAST(${text} AS TIMESTAMPTZ))`
    return sql`
      CASE
        WHEN regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]+)?') THEN TRY_CAST(${text} AS TIMESTAMP)
        ELSE ${withOffset} END
    `
  }
  const cast = sql`TRY_CAST(${text} AS ${columnType.duckdb(type)})`
  // A cast alone would round 1.5 to 2.
  if (type === 'integer' || type === 'bigint')
    return sql`CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+([.]0*)?') THEN ${cast} END`
  if (type === 'date') return sql`CASE WHEN length(${text}) = 10 THEN ${cast} END`
  return cast
}

function isLossless(stored: ColumnType, type: ColumnType): boolean {
  if (typeof stored === 'object')
    return type === 'double' || (typeof type === 'object' && stored.decimal[1] <= type.decimal[1])
  if (stored === type) return true
  const isWhole = stored === 'integer' || stored === 'bigint'
  if (isWhole) return type === 'integer' || type === 'bigint' || type === 'double' || typeof type === 'object'
  return false
}
