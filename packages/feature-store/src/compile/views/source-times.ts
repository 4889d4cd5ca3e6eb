import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { floorDivide, gridInstants, servedFeatureTime } from '../../plan/time/grid.ts'
import { stepsOf, type ViewPlan } from '../../plan/view-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { instantsSql } from '../instants.ts'
import type { Scope } from '../scope.ts'

/**
 * How far the feature time of the row that is read lies behind that of the row that reads it, where that is the same for
 * all rows (µs); undefined where it is not. The row for T reads the newest one with T' + delay' <= T + delay.
 */
export function constantShift(view: ViewPlan, read: ViewPlan): bigint | undefined {
  const [own, its] = [stepsOf(view), stepsOf(read)]
  if (own.every === its.every && own.zone === its.zone && view.delay === read.delay) return 0n
  if (own.zone !== 'UTC' || its.zone !== 'UTC' || own.every % its.every !== 0) return undefined
  const every = BigInt(its.every)
  return -floorDivide(BigInt(view.delay - read.delay), every) * every
}

/** The first and last feature time that rows of a scope read. */
export function timesRead(
  { view, first, last }: Scope,
  read: ViewPlan,
): { readonly first: bigint; readonly last: bigint } {
  const served = (t: bigint): bigint => servedFeatureTime(stepsOf(read), read.delay, t + BigInt(view.delay))
  return { first: served(first), last: served(last) }
}

/** Adds to rows with `t` the feature time that they read of a view, as `name`; null where its row is older than its ttl. */
export function withTimeRead(scope: Scope, rows: Sql, read: ViewPlan, name: string): Sql {
  const { leaves, view } = scope
  const shift = constantShift(view, read)
  if (shift !== undefined) return withTime(rows, sql`r.t - ${integer(shift)}`, name)
  const reach = sql`r.t + ${integer(BigInt(view.delay) - BigInt(read.delay))}`
  const { every, zone } = stepsOf(read)
  if (zone === 'UTC') return withTime(rows, sql`${leaves.floorDivide(reach, every)} * ${integer(every)}`, name)
  const joined = leaves.asofJoin({
    left: sql`(${rows}) r`,
    right: sql`(SELECT t AS instant FROM (${instantsRead(leaves, scope, read)}) i) g`,
    on: [],
    match: { left: reach, operator: '>=', right: sql`g.instant` },
  })
  const fresh =
    read.ttl === null
      ? sql`g.instant`
      : sql`CASE WHEN r.t + ${integer(view.delay)} - g.instant <= ${integer(read.ttl)} THEN g.instant END`
  return sql`SELECT r.*, ${fresh} AS ${sql.id(name)} FROM ${joined}`
}

/** The feature times of a view that rows of a scope may read, as a table with one column `t`. */
export function instantsRead(leaves: Leaves, scope: Scope, read: ViewPlan): Sql {
  const { first, last } = timesRead(scope, read)
  return instantsSql(leaves, gridInstants(stepsOf(read), first, last + 1n))
}

function withTime(rows: Sql, time: Sql, name: string): Sql {
  return sql`SELECT r.*, ${time} AS ${sql.id(name)} FROM (${rows}) r`
}
