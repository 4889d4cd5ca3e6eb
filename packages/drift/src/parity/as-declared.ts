import { sql, type ColumnSpec, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { isNumeric } from './equal-values.ts'

/** A column of the log as the type that its key, or value of a request, has now; null where a value is none of that type. */
export function asDeclared(leaves: Leaves, column: ColumnSpec, type: ColumnType): Sql {
  const value = sql.id(column.name)
  const cast = sql`CAST(${value} AS ${leaves.columnType(type)})`
  if (column.type === type) return value
  if (type === 'text' || (isTime(column.type) && isTime(type))) return cast
  if (column.type === 'text' && !isTime(type)) {
    const isWhole = type === 'integer' || type === 'bigint'
    const whole = sql`CAST(${value} AS ${leaves.columnType(WHOLE)})`
    return sql`
      CASE WHEN ${leaves.matches(value, formOf(type))} THEN ${isWhole ? leaves.tryCast(whole, type) : cast} END
    `
  }
  if (isNumeric(column.type) && isNumeric(type)) return leaves.tryCast(value, type)
  return sql`CAST(NULL AS ${leaves.columnType(type)})`
}

function isTime(type: ColumnType): type is 'timestamp' | 'date' {
  return type === 'timestamp' || type === 'date'
}

/** Holds whole numbers that are too large for their type. */
const WHOLE: ColumnType = { decimal: [38, 1] }

/** What is read from a text. A time is not: no pattern tells whether its month has the day, and a cast would fail for all. */
type Written = Exclude<ColumnType, 'text' | 'timestamp' | 'date'>

const FORMS: Readonly<Record<Exclude<Written, object>, string>> = {
  boolean: '^(true|false)$',
  integer: '^-?[0-9]{1,37}$',
  bigint: '^-?[0-9]{1,37}$',
  double: '^-?[0-9]{1,40}([.][0-9]{1,40})?([eE][-+]?[0-9]{1,2})?$',
}

/** How the log writes a value of a type as text. */
function formOf(type: Written): string {
  if (typeof type === 'string') return FORMS[type]
  const [precision, scale] = type.decimal
  return `^-?[0-9]{1,${Math.max(1, precision - scale)}}([.][0-9]{1,${Math.max(1, scale)}})?$`
}
