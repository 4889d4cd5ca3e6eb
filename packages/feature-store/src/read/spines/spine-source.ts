import { sql, tableRef, type Sql, type Warehouse } from '@martlet/warehouse'
import type { Spine } from '../spine.ts'
import { bad, refuseNames } from './bad-spine.ts'
import { isMade, madeSource } from './made-spine.ts'

export interface SpineSource {
  /** The spine's own columns. */
  readonly columns: Sql
  /** A table or query with these columns, called `given`. */
  readonly from: Sql
  /** The row number, counted from 0. */
  readonly number: Sql
}

/**
 * What a spine is read from. `table` is the name of a temporary table, for rows in memory and for the times of a grid.
 */
export async function spineSource(session: Warehouse, spine: Spine, time: string, table: string): Promise<SpineSource> {
  if (isMade(spine)) return madeSource(session, spine, time, table)
  const number = sql`${session.leaves.rowNumber()} - 1`
  if ('table' in spine) {
    const given = tableRef(spine.table)
    if ((await session.introspect(spine.table)) === undefined)
      throw bad(`The warehouse has no table ${spine.table} for the spine. Create it, or correct the name.`, {
        table: spine.table,
      })
    return { columns: sql`given.*`, from: sql`(SELECT * FROM ${given}) given`, number }
  }
  // The query may end with a comment, which only a line break ends.
  if ('query' in spine) return { columns: sql`given.*`, from: sql`(${spine.query}\n) given`, number }
  const { rows, names, columns } = spine.rows
  if (names.length === 0) throw bad('The spine has no columns. Give it the key columns and a time.')
  refuseNames(names)
  // A table has no order, so rows in memory bring their numbers.
  const numbered = {
    rows,
    names: [...names, 'spine_row'],
    columns: [
      ...columns,
      { type: 'bigint' as const, values: BigInt64Array.from({ length: rows }, (_, row) => BigInt(row)), nulls: null },
    ],
  }
  const definitions = numbered.names.map(
    (name, i) => sql`${sql.id(name)} ${session.leaves.columnType(numbered.columns[i]?.type ?? 'text')}`,
  )
  await session.run(sql`CREATE TEMPORARY TABLE ${sql.id(table)} (${sql.join(definitions)})`)
  await session.append(table, numbered)
  return {
    columns: sql.join(names.map((name) => sql.id('given', name))),
    from: sql`${sql.id(table)} given`,
    number: sql`given.spine_row`,
  }
}
