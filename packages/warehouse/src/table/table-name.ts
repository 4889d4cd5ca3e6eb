import { MartletError } from '../errors.ts'
import { sql, type Sql } from '../sql.ts'

/**
 * A quoted reference to `table`, `schema.table` or `database.schema.table`.
 * @throws MartletError BAD_IDENTIFIER when the name has an empty part, or more than three
 */
export function tableRef(name: string): Sql {
  return sql.id(...splitTableName(name))
}

/**
 * The parts of a table name.
 * @throws MartletError BAD_IDENTIFIER when the name has an empty part, or more than three
 */
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
