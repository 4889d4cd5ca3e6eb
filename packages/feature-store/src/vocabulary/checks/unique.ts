import { sql, type Sql } from '@martlet/warehouse'
import { z } from 'zod'
import type { CheckPlan } from '../../plan/check-plan.ts'
import type { Check, CheckedGroups, CheckedRows, CheckKind, CheckOptions } from './check-kind.ts'
import type { PresentColumn, SomeColumn } from './typed-columns.ts'

type UniqueColumns<R, C> = C extends string ? PresentColumn<R, C> : { readonly [I in keyof C]: PresentColumn<R, C[I]> }

export interface Unique<R> {
  /**
   * No two rows have the same values in a column, or in all of several; rows with a null there are not compared. A row of
   * the range that is looked at is compared with the rows before it too.
   *
   * @example c.unique(['order_id', 'line'], { severity: 'error' })
   */
  unique<const C extends SomeColumn<R> | readonly SomeColumn<R>[]>(
    columns: UniqueColumns<R, C>,
    options?: CheckOptions,
  ): Check
}

export interface UniquePlan extends CheckPlan {
  readonly kind: 'unique'
  readonly columns: readonly string[]
}

const copies = sql.id('g', 'copies#')
const inside = sql.id('g', 'inside#')

export const unique: CheckKind<UniquePlan> = {
  kind: 'unique',
  fields: { columns: z.array(z.string()) },
  options: 1,
  plan: ([given], table) => {
    const list: readonly unknown[] = Array.isArray(given) ? given : [given]
    if (list.length === 0) table.refuse('unique() names no column')
    const columns = list.map((one) => table.column(one).name)
    const twice = columns.find((name, at) => columns.indexOf(name) !== at)
    if (twice !== undefined) table.refuse(`unique() names column '${twice}' twice`)
    return { columns }
  },
  reads: ({ columns }) => columns,
  says: ({ columns }) => `has the same ${columns.join(', ')} as another row`,
  statement: ({ columns }, rows) => ({ groups: groups(columns, rows), shows: columns }),
}

function groups(columns: readonly string[], rows: CheckedRows): CheckedGroups['groups'] {
  const own = columns.map((name) => sql.id('a', name))
  const known = sql.join(
    own.map((column) => sql`${column} IS NOT NULL`),
    sql` AND `,
  )
  const all = rows.all(columns)
  const shown = columns.map((name) => sql.id('g', name))
  if (all === undefined)
    return sql`
      SELECT ${sql.join([...shown, sql`${copies} AS ${sql.id('checked#')}`, sql`${copies} - 1 AS ${sql.id('failing#')}`])}
      FROM (
        SELECT ${sql.join([...own, sql`COUNT(*) AS ${sql.id('copies#')}`])}
        FROM (${rows.rows(columns)}) a
        WHERE ${known}
        GROUP BY ${sql.join(own)}
      ) g
    `
  // Only values of the range are counted: they are few, where the table is long.
  const wanted = columns.map((name, at) => sql`r.${sql.id(name)} AS ${sql.id(`k${at}`)}`)
  const same = sql.join(
    own.map((column, at) => sql`${column} = ${sql.id('k', `k${at}`)}`),
    sql` AND `,
  )
  const within: Sql = sql`SUM(CASE WHEN ${sql.id('a', 'inside#')} THEN 1 ELSE 0 END) AS ${sql.id('inside#')}`
  const failing = sql`CASE WHEN ${inside} < ${copies} THEN ${inside} ELSE ${copies} - 1 END`
  return sql`
    SELECT ${sql.join([...shown, sql`${inside} AS ${sql.id('checked#')}`, sql`${failing} AS ${sql.id('failing#')}`])}
    FROM (
      SELECT ${sql.join([...own, sql`COUNT(*) AS ${sql.id('copies#')}`, within])}
      FROM (${all}) a
      JOIN (SELECT DISTINCT ${sql.join(wanted)} FROM (${rows.rows(columns)}) r) k ON ${same}
      GROUP BY ${sql.join(own)}
    ) g
  `
}
