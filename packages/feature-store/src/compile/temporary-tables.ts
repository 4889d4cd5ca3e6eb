import { randomInt } from 'node:crypto'
import { sql, type Sql } from '@martlet/warehouse'

/** A temporary table that a query needs, and the query it is made from. */
export interface TemporaryTable {
  readonly name: Sql
  readonly rows: Sql
}

/** The statement that makes the table. */
export function createTable({ name, rows }: TemporaryTable): Sql {
  return sql`CREATE TEMPORARY TABLE ${name} AS ${rows}`
}

export function dropTable({ name }: TemporaryTable): Sql {
  return sql`DROP TABLE IF EXISTS ${name}`
}

/** A prefix for the names of one compilation's temporary tables: two of them may run on one session. */
export function temporaryPrefix(): string {
  return `martlet_${randomInt(2 ** 48 - 1)}`
}
