import { MartletError } from '../errors.ts'
import { sql, type Sql } from '../sql.ts'

/** A quoted reference to `table`, `schema.table` or `database.schema.table`. Errors: `BAD_IDENTIFIER`. */
export function tableRef(name: string): Sql {
  return sql.id(...splitTableName(name))
}

/** The parts of a table name, checked. Errors: `BAD_IDENTIFIER`. */
export function splitTableName(name: string): readonly string[] {
  const parts = name.split('.')
  if (parts.length > 3 || parts.some((part) => part === '' || part.includes('\0'))) {
    throw new MartletError(
      'BAD_IDENTIFIER',
      `${JSON.stringify(name)} is not a table name. Write table, schema.table or database.schema.table, without empty parts.`,
      { data: { name } },
    )
  }
  return parts
}
