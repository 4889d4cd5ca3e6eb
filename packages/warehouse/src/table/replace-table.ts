import type { ColumnSpec } from '../column.ts'
import { MartletError } from '../errors.ts'
import type { RunOptions, Warehouse } from '../warehouse.ts'
import { compareColumns } from './compare-columns.ts'
import { dropTable } from './ensure-table.ts'
import { tableRef } from './table-name.ts'
import { temporaryTableName } from './temporary-table-name.ts'
import { ddlRollsBack } from './unit-of-work.ts'
import { sql, type Sql } from '../sql.ts'

export interface TableReplacement {
  readonly table: string
  readonly rows: Sql
  /** The columns of `rows`, when they are known: without a check, the rows then need no temporary table. */
  readonly columns?: readonly ColumnSpec[]
  /** The order that the rows are written in. */
  readonly orderBy: readonly string[]
  /** Whether Snowflake clusters the table by `orderBy`. @default false */
  readonly clustered?: boolean
  /** Called with the number of rows before any reader can see them; when it throws, the table stays as it was. */
  readonly check?: (rows: number) => void
}

/**
 * Replaces a table by one with the rows of a query, or creates it: a reader sees the old rows or the new ones, and after an
 * error or a cancellation the old table is still there.
 *
 * Where DDL commits, a table whose columns stay the same keeps its grants, tags and policies, because only its rows are
 * replaced; one whose columns change keeps its grants. `rows` must not read the table itself.
 */
export async function replaceTable(
  warehouse: Warehouse,
  replacement: TableReplacement,
  options: RunOptions = {},
): Promise<{ readonly rows: number }> {
  const { table, rows, check } = replacement
  if (!ddlRollsBack(warehouse)) return warehouse.session((session) => replaceInSteps(session, replacement, options))
  return warehouse.transaction(async (transaction) => {
    const written = await transaction.run(
      transaction.leaves.createTableAs(table, rows, { replace: true, orderBy: names(replacement.orderBy) }),
      options,
    )
    check?.(written)
    return { rows: written }
  })
}

async function replaceInSteps(
  session: Warehouse,
  replacement: TableReplacement,
  options: RunOptions,
): Promise<{ readonly rows: number }> {
  const { table, rows, columns, check } = replacement
  if (columns !== undefined && check === undefined)
    return { rows: await putInPlace(session, replacement, columns, rows, options) }
  // Computed and counted in a temporary table, which ends with the session in any case.
  const staged = temporaryTableName('staged')
  await session.run(session.leaves.createTableAs(staged, rows, { temporary: true }), options)
  check?.(await countRows(session, staged))
  const found = await session.introspect(staged)
  if (found === undefined)
    throw new MartletError('TABLE_NOT_FOUND', `The temporary table ${staged}, made for ${table}, is gone.`, {
      data: { table, staged },
    })
  const written = await putInPlace(session, replacement, found, sql`SELECT * FROM ${tableRef(staged)}`, options)
  await dropTable(session, staged)
  return { rows: written }
}

async function putInPlace(
  session: Warehouse,
  { table, orderBy, clustered = false }: TableReplacement,
  columns: readonly ColumnSpec[],
  rows: Sql,
  options: RunOptions,
): Promise<number> {
  const order = names(orderBy)
  const existing = await session.introspect(table)
  if (existing === undefined || !sameColumns(columns, existing)) {
    await session.run(
      session.leaves.createTableAs(table, rows, {
        replace: true,
        keepGrants: existing !== undefined,
        orderBy: order,
        ...(clustered ? { columns, clusterBy: order } : {}),
      }),
      options,
    )
    return countRows(session, table)
  }
  const all = sql.join(names(columns.map(({ name }) => name)))
  const sorted = order.length === 0 ? sql`` : sql` ORDER BY ${sql.join(order)}`
  return session.transaction(async (transaction) => {
    await transaction.run(sql`DELETE FROM ${tableRef(table)}`, options)
    return transaction.run(
      sql`INSERT INTO ${tableRef(table)} (${all}) SELECT ${all} FROM (${rows}) AS new_rows${sorted}`,
      options,
    )
  })
}

// Nullability stays that of the old table: the catalog reports it differently for a query, and nulls that do not fit fail.
function sameColumns(columns: readonly ColumnSpec[], existing: readonly ColumnSpec[]): boolean {
  const plain = (specs: readonly ColumnSpec[]): readonly ColumnSpec[] => specs.map(({ name, type }) => ({ name, type }))
  const { added, vanished, changed } = compareColumns(plain(columns), plain(existing))
  return (
    added.length + vanished.length + changed.length === 0 &&
    columns.every(({ name }, index) => name.toLowerCase() === existing[index]?.name.toLowerCase())
  )
}

async function countRows(warehouse: Warehouse, table: string): Promise<number> {
  const { columns } = await warehouse.read(sql`SELECT COUNT(*) AS written FROM ${tableRef(table)}`)
  return Number(columns[0]?.values[0] ?? 0)
}

function names(columns: readonly string[]): readonly Sql[] {
  return columns.map((name) => sql.id(name))
}
