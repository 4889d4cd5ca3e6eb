import { sql } from 'kysely'
import type { Sql } from '@martlet/warehouse'
import type { DimensionPlan } from '../plan/source-plan.ts'
import { entityTable, keyColumns, sameEntity, type Scope } from './scope.ts'
import { scanSource } from './source-sql.ts'

/**
 * Joins `rows` (with `e` and `t`) to the dimension row valid at t: the newest `valid_from <= t`, if t lies before its
 * `valid_to`. Adds `columns` as `<alias>_<column>` and `<alias>_valid`, true where the dimension has the entity at t.
 */
export function joinAttributes(scope: Scope, rows: Sql, dimension: DimensionPlan, columns: readonly string[], alias: string): Sql {
  const { leaves } = scope
  const name = (column: string): string => `${alias}_${column}`
  const valid = sql.id(name('valid'))
  const source = sql`(${scanSource(leaves, dimension)}) d JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'd')}`
  if (dimension.validFrom === null) {
    const values = columns.map((column) => sql`MAX(${sql.id('d', column)}) AS ${sql.id(name(column))}`)
    const latest = sql`SELECT ${sql.join([sql`n.e AS e`, ...values])} FROM ${source} GROUP BY n.e`
    const picked = columns.map((column) => sql.id('a', name(column)))
    return sql`SELECT ${sql.join([sql`r.*`, ...picked, sql`a.e IS NOT NULL AS ${valid}`])} FROM (${rows}) r LEFT JOIN (${latest}) a ON a.e = r.e`
  }
  const from = leaves.epochMicros(sql.id('d', dimension.validFrom))
  const to = dimension.validTo === null ? sql`CAST(NULL AS ${leaves.columnType('bigint')})` : leaves.epochMicros(sql.id('d', dimension.validTo))
  const order = [to, ...columns.map((column) => sql.id('d', column))]
  const rank = sql`ROW_NUMBER() OVER (PARTITION BY n.e, ${from} ORDER BY ${sql.join(order.map((one) => sql`${one} DESC NULLS FIRST`))})`
  const ranked = sql`SELECT ${sql.join([sql`n.e AS e`, sql`${from} AS since`, sql`${to} AS until`, sql`${rank} AS place`, ...columns.map((column) => sql`${sql.id('d', column)} AS ${sql.id(name(column))}`)])} FROM ${source} WHERE ${sql.id('d', dimension.validFrom)} IS NOT NULL`
  const joined = leaves.asofJoin({
    left: sql`(${rows}) r`,
    right: sql`(SELECT * FROM (${ranked}) k WHERE place = 1) a`,
    on: [[sql`r.e`, sql`a.e`]],
    match: { left: sql`r.t`, operator: '>=', right: sql`a.since` },
  })
  const open = sql`(a.since IS NOT NULL AND (a.until IS NULL OR r.t < a.until))`
  const picked = columns.map((column) => sql`CASE WHEN ${open} THEN ${sql.id('a', name(column))} END AS ${sql.id(name(column))}`)
  return sql`SELECT ${sql.join([sql`r.*`, ...picked, sql`${open} AS ${valid}`])} FROM ${joined}`
}

/** The distinct keys of a dimension. */
export function dimensionKeys(scope: Scope, dimension: DimensionPlan): Sql {
  const keys = keyColumns(scope)
  const present = keys.map((key) => sql`${sql.id(key)} IS NOT NULL`)
  return sql`SELECT DISTINCT ${sql.join(keys.map((key) => sql.id(key)))} FROM (${scanSource(scope.leaves, dimension, keys)}) d WHERE ${sql.join(present, sql` AND `)}`
}
