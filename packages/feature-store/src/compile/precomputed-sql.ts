import { sql } from 'kysely'
import type { Leaves, Sql } from '@martlet/warehouse'
import type { PrecomputedPlan } from '../plan/source-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { integer } from './integer.ts'
import { scanSource } from './source-sql.ts'

/** One row per (keys, `t`) of a precomputed table, `t` in µs: among rows of one time the newest `created` stays. */
export function precomputedRows(leaves: Leaves, view: ViewPlan, source: PrecomputedPlan): Sql {
  const keys = view.entity.keys.map((key) => sql.id('s', key.name))
  const time = leaves.epochMicros(sql.id('s', source.time))
  const values = view.features.flatMap((feature) => (feature.kind === 'column' ? [sql`${sql.id('s', feature.column)} AS ${sql.id(feature.name)}`] : []))
  const ties = [...(source.created === null ? [] : [sql.id('s', source.created)]), ...view.features.flatMap((feature) => (feature.kind === 'column' ? [sql.id('s', feature.column)] : []))]
  const place = sql`ROW_NUMBER() OVER (PARTITION BY ${sql.join([...keys, time])} ORDER BY ${sql.join(ties.map((tie) => sql`${tie} DESC NULLS LAST`))})`
  const present = [...keys, sql.id('s', source.time)].map((column) => sql`${column} IS NOT NULL`)
  return sql`SELECT * FROM (SELECT ${sql.join([...keys, sql`${time} AS t`, ...values, sql`${place} AS place`])} FROM (${scanSource(leaves, source)}) s WHERE ${sql.join(present, sql` AND `)}) ranked WHERE place = 1`
}

/** `(spine_row, t, features)`: for each keyed spine row the newest precomputed row with `t + delay <= us`. */
export function precomputedAsOf(leaves: Leaves, view: ViewPlan, source: PrecomputedPlan, keyed: Sql, entity: { readonly table: Sql; readonly column: Sql }): Sql {
  const keys = view.entity.keys.map((key) => sql`${sql.id('n', key.name)} = ${sql.id('p', key.name)}`)
  const right = sql`SELECT n.e AS e, p.* FROM (${precomputedRows(leaves, view, source)}) p JOIN ${entity.table} n ON ${sql.join(keys, sql` AND `)}`
  const joined = leaves.asofJoin({
    left: sql`(SELECT spine_row, us - ${integer(view.delay)} AS reach, ${entity.column} AS e FROM ${keyed}) k`,
    right: sql`(${right}) r`,
    on: [[sql`k.e`, sql`r.e`]],
    match: { left: sql`k.reach`, operator: '>=', right: sql`r.t` },
  })
  const features = view.features.map((feature) => sql.id('r', feature.name))
  return sql`SELECT ${sql.join([sql`k.spine_row AS spine_row`, sql`r.t AS t`, ...features])} FROM ${joined}`
}
