import { sql, type Sql } from '../sql.ts'

/** Whether two relations have the same key. */
export function sameKey(key: readonly string[], left: string, right: string): Sql {
  return sql.join(
    key.map((name) => sql`${sql.id(left, name)} = ${sql.id(right, name)}`),
    sql` AND `,
  )
}

/** Whether a relation has the key of the row of a table, which the statement names by no alias. */
export function sameKeyAs(key: readonly string[], relation: string, table: Sql): Sql {
  return sql.join(
    key.map((name) => sql`${sql.id(relation, name)} = ${table}.${sql.id(name)}`),
    sql` AND `,
  )
}

/** Column names with commas between, of one relation where it is given. */
export function nameList(names: readonly string[], of?: string): Sql {
  return sql.join(names.map((name) => (of === undefined ? sql.id(name) : sql.id(of, name))))
}

/** Whether any of the columns is null. */
export function anyNull(values: readonly Sql[]): Sql {
  return sql.join(
    values.map((value) => sql`${value} IS NULL`),
    sql` OR `,
  )
}
