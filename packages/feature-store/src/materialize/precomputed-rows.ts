import { sql } from 'kysely'
import type { Leaves, Sql } from '@martlet/warehouse'
import { newestPrecomputedRows } from '../compile/precomputed-sql.ts'
import type { PrecomputedPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { publishedColumn } from './feature-table.ts'

/** The newest row of every key with a time in the range, in key order: keys, `feature_time`, features. Rows without a key have no owner. */
export function newestPrecomputed(leaves: Leaves, view: ViewPlan, source: PrecomputedPlan, range: { readonly from: bigint; readonly to: bigint } | null): Sql {
  const keys = view.entity.keys.map(({ name }) => sql.id(name))
  const published = view.entity.keys.map(({ name }) => (range === null ? sql.id(name) : publishedColumn(view, name, sql`newest.${sql.id(name)}`)))
  const wanted = sql.join([...published, sql`${leaves.fromEpochMicros(sql`t`)} AS feature_time`, ...view.features.map(({ name }) => sql.id(name))])
  const order = range === null || keys.length === 0 ? sql`` : sql` ORDER BY ${sql.join(keys.map((key) => sql`newest.${key}`))}`
  return sql`SELECT ${wanted} FROM (${newestPrecomputedRows(leaves, view, source, range)}) newest${order}`
}
