import { MartletError } from '../errors.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import { tableMismatch } from './ensure-table.ts'
import { tableRef } from './table-name.ts'
import { sql, type Sql } from '../sql.ts'

export interface RangeReplacement {
  readonly table: string
  /** The timestamp column of the range. */
  readonly column: string
  /** Microseconds since the epoch, included. */
  readonly from: bigint
  /** Microseconds since the epoch, not included. */
  readonly to: bigint
  /** A query that yields every column of the table by name, with times inside the range. */
  readonly rows: Sql
  /** The order in which the new rows are written. */
  readonly orderBy?: readonly Sql[]
}

/**
 * Replaces the rows whose time is in `[from, to)` by `rows`, in one transaction: a reader sees all old rows or all new ones,
 * and doing it again changes nothing.
 * @throws MartletError TABLE_MISMATCH when the rows have other columns
 * @throws MartletError ROWS_OUTSIDE_RANGE when a row's time is outside the range, or null
 */
export async function replaceRange(
  warehouse: Warehouse,
  range: RangeReplacement,
  options: RunOptions = {},
): Promise<{ readonly deleted: number; readonly inserted: number }> {
  const { table, column, from, to, rows, orderBy = [] } = range
  if (from > to)
    throw new MartletError(
      'BAD_RANGE',
      `The range to replace in ${table} ends (${to}) before it begins (${from}), in microseconds. Give the earlier instant first.`,
      { data: { table, from, to } },
    )
  const { leaves } = warehouse
  const inside = sql`${sql.id(column)} >= ${leaves.timestamp(from)} AND ${sql.id(column)} < ${leaves.timestamp(to)}`
  return warehouse.transaction(async (transaction) => {
    const names = sql.join((await matchingColumns(transaction, table, rows)).map((name) => sql.id(name)))
    const deleted = await transaction.run(sql`DELETE FROM ${tableRef(table)} WHERE ${inside}`, options)
    const order = orderBy.length === 0 ? sql`` : sql` ORDER BY ${sql.join(orderBy)}`
    const inserted = await transaction.run(
      sql`INSERT INTO ${tableRef(table)} (${names}) SELECT ${names} FROM (${rows}) AS new_rows${order}`,
      options,
    )
    const written = await countRows(
      transaction,
      sql`SELECT COUNT(*) AS written FROM ${tableRef(table)} WHERE ${inside}`,
    )
    if (written !== inserted) {
      throw new MartletError(
        'ROWS_OUTSIDE_RANGE',
        `${inserted - written} of ${inserted} rows for ${table} have a ${column} outside the range to replace, or none. ` +
          'Nothing was changed.',
        { data: { table, column, from, to, inserted, outside: inserted - written } },
      )
    }
    return { deleted, inserted }
  })
}

async function matchingColumns(warehouse: Warehouse, table: string, rows: Sql): Promise<readonly string[]> {
  const columns = await warehouse.introspect(table)
  if (columns === undefined)
    throw new MartletError('TABLE_NOT_FOUND', `There is no table ${table} to write to. Create it first.`, {
      data: { table },
    })
  const { names: given } = await warehouse.read(sql`SELECT * FROM (${rows}) AS new_rows LIMIT 0`)
  const [has, gets] = [
    new Set(columns.map(({ name }) => name.toLowerCase())),
    new Set(given.map((name) => name.toLowerCase())),
  ]
  const missing = columns
    .filter(({ name }) => !gets.has(name.toLowerCase()))
    .map(({ name }) => `${name} is missing from the rows`)
  const extra = given.filter((name) => !has.has(name.toLowerCase())).map((name) => `${name} is in the rows only`)
  if (missing.length + extra.length > 0) throw tableMismatch(table, [...missing, ...extra])
  return columns.map(({ name }) => name)
}

async function countRows(warehouse: Warehouse, query: Sql): Promise<number> {
  const { columns } = await warehouse.read(query)
  return Number(columns[0]?.values[0] ?? 0)
}
