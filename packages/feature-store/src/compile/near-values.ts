import { sql, type Sql } from '@martlet/warehouse'
import type { WindowFeature } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { joinedValue } from './direct-sql.ts'
import { emptyValue } from './empty-value.ts'
import { eventsSql } from './events-sql.ts'
import { integer } from './integer.ts'
import { pointTable, type Scope } from './scope.ts'
import { TermSet } from './terms.ts'
import { columnType } from './window-value.ts'

export type NearFeature = Extract<WindowFeature, { readonly kind: 'aggregate' }> & {
  readonly window: { readonly kind: 'time' }
}

/** Whether a feature looks back a bounded time. */
export function isNear(feature: WindowFeature): feature is NearFeature {
  return feature.kind === 'aggregate' && feature.window.kind === 'time'
}

/** How far back the longest window begins, in microseconds. */
export function reachOf(features: readonly NearFeature[]): number {
  return Math.max(...features.map(({ window }) => window.length + window.shift))
}

/** A point meets the events of the stretches that its windows can touch; short stretches touch less that lies outside, and cost a copy of the points each. */
const STRETCHES = 2

/**
 * `(e, t, features)` by joining every point with the events of its windows: events and points meet by stretches of time, so
 * that the cost is points × events within reach, however long the history is. Has no row where no event is within reach.
 */
export function nearValues(scope: Scope, fact: FactPlan, features: readonly NearFeature[]): Sql {
  const { leaves } = scope
  const inputs = new TermSet()
  const seen = new Map<string, Sql>()
  const columns = features.map(
    (feature) => sql`${valueOf(scope, fact, inputs, seen, feature)} AS ${sql.id(feature.name)}`,
  )
  const reach = reachOf(features)
  const stretch = Math.ceil(reach / STRETCHES)
  const backs = sql.join(
    Array.from(
      { length: STRETCHES + 1 },
      (_, back) => sql`SELECT CAST(${integer(back)} AS ${leaves.columnType('bigint')}) AS back`,
    ),
    sql` UNION ALL `,
  )
  const points = sql`
    SELECT p.e AS e, p.t AS t, ${leaves.floorDivide(sql`p.t`, stretch)} - backs.back AS stretch
    FROM ${pointTable(scope)} p
    CROSS JOIN (${backs}) backs
  `
  const before = [...seen].map(([id, order]) => sql`${order} AS ${sql.id(id)}`)
  const known = fact.knownAt === null ? sql`` : sql` AND v.known IS NOT NULL`
  const events = sql`
    SELECT ${sql.join([sql`v.*`, sql`${leaves.floorDivide(sql`v.us`, stretch)} AS stretch`, ...before])}
    FROM (${eventsSql(scope, fact, inputs.inputs, 'entity')}) v
    WHERE v.us >= ${integer(scope.first - BigInt(reach))}${known}
  `
  const arrived = fact.knownAt === null ? sql`` : sql` AND v.known <= p.t + ${integer(scope.view.delay)}`
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM (${points}) p
    JOIN (${events}) v ON v.e = p.e
      AND v.stretch = p.stretch
      AND v.us < p.t
      AND v.us >= p.t - ${integer(reach)}${arrived}
    GROUP BY p.e, p.t
  `
}

/**
 * COUNT(DISTINCT) keeps a set for every point; an event counts instead where no event of the same value that entered before it
 * still lies in the window. `seen` collects, for an input and a shift, the newest time of those.
 */
function valueOf(scope: Scope, fact: FactPlan, inputs: TermSet, seen: Map<string, Sql>, feature: NearFeature): Sql {
  const { leaves, view } = scope
  const { aggregate, window } = feature
  if (aggregate.function !== 'distinct') return joinedValue(leaves, fact, inputs, feature)
  const input = inputs.input(aggregate.column, aggregate.where, columnType(fact, aggregate.column))
  const x = sql.id('v', input.id)
  const id = `${input.id}_before${window.shift}`
  const entered =
    fact.knownAt === null
      ? sql`v.us`
      : leaves.greatest(sql`v.us + ${integer(window.shift + 1)}`, sql`v.known - ${integer(view.delay)}`)
  seen.set(
    id,
    sql`MAX(v.us) OVER (PARTITION BY v.e, ${x} ORDER BY ${entered} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`,
  )
  const begin = sql`p.t - ${integer(window.shift + window.length)}`
  const newest = window.shift === 0 ? sql`` : sql` AND v.us < p.t - ${integer(window.shift)}`
  return sql`
    COUNT(CASE
        WHEN v.us >= ${begin}${newest}
        AND (${sql.id('v', id)} IS NULL OR ${sql.id('v', id)} < ${begin}) THEN ${x} END)
  `
}

/** `(e, t, features)` for every point whose entity has an event before it that had arrived. */
export function nearRows(scope: Scope, fact: FactPlan, features: readonly NearFeature[]): Sql {
  const { leaves } = scope
  const known =
    fact.knownAt === null ? sql`v.us + 1` : leaves.greatest(sql`v.us + 1`, sql`v.known - ${integer(scope.view.delay)}`)
  const present = fact.knownAt === null ? sql`` : sql` WHERE v.known IS NOT NULL`
  const since = sql`
    SELECT v.e AS e, MIN(${known}) AS since
    FROM (${eventsSql(scope, fact, [], 'entity')}) v${present}
    GROUP BY v.e
  `
  const columns = features.map(
    (feature) => sql`${emptyValue(feature, sql.id('w', feature.name))} AS ${sql.id(feature.name)}`,
  )
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${pointTable(scope)} p
    JOIN (${since}) s ON s.e = p.e AND s.since <= p.t
    LEFT JOIN (${nearValues(scope, fact, features)}) w ON w.e = p.e AND w.t = p.t
  `
}
