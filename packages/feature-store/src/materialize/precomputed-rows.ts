import { sql } from 'kysely'
import type { Leaves, Sql } from '@martlet/warehouse'
import { scanSource } from '../compile/source-sql.ts'
import type { PrecomputedPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'

/** The newest row of every key with a time in the range, then the one created last, in key order. Rows without a key have no owner. */
export function newestPrecomputed(leaves: Leaves, view: ViewPlan, source: PrecomputedPlan, range: { readonly from: bigint; readonly to: bigint } | null): Sql {
  const keys = view.entity.keys.map(({ name }) => sql.id(name))
  const features = view.features.flatMap((feature) => (feature.kind === 'column' ? [sql`s.${sql.id(feature.column)} AS ${sql.id(feature.name)}`] : []))
  const time = sql`s.${sql.id(source.time)}`
  const created = source.created === null ? [] : [sql`s.${sql.id(source.created)} DESC NULLS LAST`]
  const partition = keys.length === 0 ? sql`` : sql`PARTITION BY ${sql.join(keys.map((key) => sql`s.${key}`))} `
  const present = [...keys.map((key) => sql`s.${key} IS NOT NULL`), sql`${time} IS NOT NULL`]
  const inside = range === null ? [] : [sql`${time} >= ${leaves.timestamp(range.from)}`, sql`${time} < ${leaves.timestamp(range.to)}`]
  const place = sql`ROW_NUMBER() OVER (${partition}ORDER BY ${sql.join([sql`${time} DESC`, ...created])}) AS place_in_time`
  const rows = sql`SELECT ${sql.join([...keys.map((key) => sql`s.${key}`), sql`${time} AS feature_time`, ...features, place])} FROM (${scanSource(leaves, source)}) s WHERE ${sql.join([...present, ...inside], sql` AND `)}`
  const wanted = sql.join([...keys, sql.id('feature_time'), ...view.features.map(({ name }) => sql.id(name))])
  const order = range === null || keys.length === 0 ? sql`` : sql` ORDER BY ${sql.join(keys)}`
  return sql`SELECT ${wanted} FROM (${rows}) r WHERE place_in_time = 1${order}`
}
