import { isWideDecimal, sql, tableRef, type ColumnSpec, type Sql, type Warehouse } from '@martlet/warehouse'
import type { ViewPlan } from '../plan/view-plan.ts'

/** The name of the table with a view's rows. */
export function featureTable(view: { readonly name: string }): string {
  return `features.${view.name}`
}

/** The name of the table that a rebuild writes before it replaces the view's table. */
export function sideTable(view: string, hash: string): string {
  return `features.${view}__rebuild_${hash.slice(0, 12)}`
}

/** The columns of a feature table: keys, `feature_time`, features in plan order, `run_id`. */
export function featureColumns(view: ViewPlan): readonly ColumnSpec[] {
  return [
    ...view.entity.keys.map(({ name, type }): ColumnSpec => ({ name, type })),
    { name: 'feature_time', type: 'timestamp' },
    ...view.features.map(({ name, type }): ColumnSpec => ({ name, type })),
    { name: 'run_id', type: 'text' },
  ]
}

/** The columns that rows are sorted and clustered by. */
export function clusterColumns(view: ViewPlan): readonly string[] {
  return [...view.entity.keys.map(({ name }) => name), 'feature_time']
}

export async function exists(warehouse: Warehouse, table: string): Promise<boolean> {
  return (await warehouse.introspect(table)) !== undefined
}

/** The newest row of every entity in `rows`, a subquery or table with key columns and `feature_time`. */
export function newestRows(
  view: ViewPlan,
  rows: Sql,
  columns: readonly string[],
  order: 'key order' | 'any order',
): Sql {
  const keys = view.entity.keys.map(({ name }) => name)
  const list = (of: string): Sql => sql.join(keys.map((key) => sql.id(of, key)))
  const wanted = sql.join(
    columns.map((column) =>
      order === 'key order' ? publishedColumn(view, column, sql`r.${sql.id(column)}`) : sql`r.${sql.id(column)}`,
    ),
  )
  const same = sql.join(
    [...keys.map((key) => sql`${sql.id('r', key)} = ${sql.id('m', key)}`), sql`r.feature_time = m.feature_time`],
    sql` AND `,
  )
  const newest =
    keys.length === 0
      ? sql`SELECT MAX(q.feature_time) AS feature_time FROM ${rows} q`
      : sql`SELECT ${list('q')}, MAX(q.feature_time) AS feature_time FROM ${rows} q GROUP BY ${list('q')}`
  const sorted = keys.length === 0 || order === 'any order' ? sql`` : sql` ORDER BY ${list('r')}`
  return sql`SELECT ${wanted} FROM ${rows} r JOIN (${newest}) m ON ${same}${sorted}`
}

/** A key column as the online store's keys need it: exact text where a batch would hold a rounded double. */
export function publishedColumn(view: ViewPlan, name: string, column: Sql): Sql {
  const key = view.entity.keys.find((one) => one.name === name)
  return key !== undefined && isWideDecimal(key.type) ? sql`CAST(${column} AS VARCHAR) AS ${sql.id(name)}` : column
}

export function tableRows(table: string, from: Sql | null): Sql {
  return from === null ? tableRef(table) : sql`(SELECT * FROM ${tableRef(table)} WHERE feature_time >= ${from})`
}
