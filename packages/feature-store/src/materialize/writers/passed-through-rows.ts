import { isWideDecimal, sql, type Leaves, type Sql } from '@martlet/warehouse'
import { newestPassedThrough, type PassedThroughRange } from '../../compile/passed-through.ts'
import type { PrecomputedPlan } from '../../plan/source-plan.ts'
import type { ViewPlan } from '../../plan/view-plan.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { scanKeyed } from '../../vocabulary/sources/scan.ts'

/**
 * The newest row of every key (of those in `only`, if given): keys, `feature_time`, features. With a range, only rows
 * with a time in it count, in key order.
 */
export function newestRowsOf(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  range: PassedThroughRange | null,
  only?: Sql,
): Sql {
  const keys = view.entity.keys.map((_, index) => sql.id('newest', keyAlias(index)))
  const published = view.entity.keys.map(({ name, type }, index) => {
    const key = sql.id('newest', keyAlias(index))
    return sql`${range !== null && isWideDecimal(type) ? sql`CAST(${key} AS VARCHAR)` : key} AS ${sql.id(name)}`
  })
  const wanted = sql.join([
    ...published,
    sql`${leaves.fromEpochMicros(sql`newest.t`)} AS feature_time`,
    ...view.features.map(({ name }) => sql.id('newest', name)),
  ])
  const order = range === null || keys.length === 0 ? sql`` : sql` ORDER BY ${sql.join(keys)}`
  const same = view.entity.keys.map(
    ({ name }, index) => sql`${sql.id('only', name)} = ${sql.id('newest', keyAlias(index))}`,
  )
  const some = only === undefined ? sql`` : sql` JOIN (${only}) ${sql.id('only')} ON ${sql.join(same, sql` AND `)}`
  return sql`SELECT ${wanted} FROM (${newestPassedThrough(leaves, view, source, range)}) newest${some}${order}`
}

/** The newest time before `to` of every key, among rows that were written by `known`: keys and `feature_time`. */
export function newestTimes(
  leaves: Leaves,
  view: ViewPlan,
  source: PrecomputedPlan,
  { to, known }: { readonly to: bigint; readonly known: bigint },
): Sql {
  const aliases = view.entity.keys.map((_, index) => sql.id('s', keyAlias(index)))
  const keys = view.entity.keys.map(({ name }, index) => sql`${sql.id('s', keyAlias(index))} AS ${sql.id(name)}`)
  const time = sql.id('s', source.time)
  const present = aliases.map((alias) => sql`${alias} IS NOT NULL`)
  const written = source.created === null ? [] : [sql`${sql.id('s', source.created)} <= ${leaves.timestamp(known)}`]
  const columns = source.created === null ? [source.time] : [source.time, source.created]
  return sql`
    SELECT ${sql.join([...keys, sql`MAX(${time}) AS feature_time`])}
    FROM (${scanKeyed(leaves, source, view.entity, columns)}) s
    WHERE ${sql.join([...present, sql`${time} < ${leaves.timestamp(to)}`, ...written], sql` AND `)}
    GROUP BY ${sql.join(aliases)}
  `
}
