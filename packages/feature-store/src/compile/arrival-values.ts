import { sql, type Sql } from '@martlet/warehouse'
import type { AggregateFunction, WindowFeature, WindowPlan } from '../plan/feature-plan.ts'
import type { FactPlan } from '../plan/source-plan.ts'
import { arrivalLookup } from './arrival-lookup.ts'
import { arrivalTiles } from './arrival-tiles.ts'
import { directValues } from './direct-sql.ts'
import { emptyValue } from './empty-value.ts'
import { centreTiles } from './moment-tiles.ts'
import { isNear, nearRows, nearValues } from './near-values.ts'
import { createTable, timeOfBoundary, type Scope, type ViewValues } from './scope.ts'
import { TermSet, type RunningTerm } from './terms.ts'
import { ageValue, windowValue, type TileWindow } from './window-value.ts'

/**
 * Window features of a fact with arrival times, `(e, t, features)` at each point: from logs of what has entered each
 * window edge where that is enough, by joining points with events where it is not or where events are few.
 */
export function arrivalValues(scope: Scope, fact: FactPlan, features: readonly WindowFeature[]): ViewValues {
  const near = features.filter(isNear).filter((feature) => scope.arrivals === 'join' || !isLogged(feature))
  const far = features.filter((feature) => !near.some((one) => one === feature))
  const logged = far.filter(isLogged)
  const direct = far.filter((feature) => !isLogged(feature))
  if (far.length === 0 && near.length > 0) return { prepare: [], values: nearRows(scope, fact, near) }
  const { prepare, values } =
    logged.length > 0 || direct.length === 0
      ? loggedValues(scope, fact, logged)
      : { prepare: [], values: directValues(scope, fact, direct) }
  if (logged.length === features.length || direct.length === features.length) return { prepare, values }
  const joins: Sql[] = []
  if (logged.length > 0 && direct.length > 0)
    joins.push(sql` JOIN (${directValues(scope, fact, direct)}) d ON d.e = l.e AND d.t = l.t`)
  if (near.length > 0) joins.push(sql` LEFT JOIN (${nearValues(scope, fact, near)}) w ON w.e = l.e AND w.t = l.t`)
  const names = features.map((feature) => {
    if (near.some((one) => one === feature))
      return sql`${emptyValue(feature, sql.id('w', feature.name))} AS ${sql.id(feature.name)}`
    return sql`${sql.id(logged.length > 0 && !isLogged(feature) ? 'd' : 'l', feature.name)} AS ${sql.id(feature.name)}`
  })
  return {
    prepare,
    values: sql`
      SELECT ${sql.join([sql`l.e AS e`, sql`l.t AS t`, ...names])}
      FROM (${values}) l${sql.join(joins, sql``)}
    `,
  }
}

type LoggedFeature =
  | Extract<WindowFeature, { readonly kind: 'age' }>
  | (Extract<WindowFeature, { readonly kind: 'aggregate' }> & { readonly window: TileWindow })

const DIFFERENCES: ReadonlySet<AggregateFunction> = new Set([
  'count',
  'sum',
  'mean',
  'variance',
  'stddev',
  'slope',
  'last',
])

/** Whether a feature follows from running moments of what has entered: differences, the newest, and extremes since ever. */
export function isLogged(feature: WindowFeature): feature is LoggedFeature {
  if (feature.kind === 'age') return true
  const { aggregate, window } = feature
  if (aggregate.function !== 'ratio') return follows(aggregate.function, window)
  return follows(aggregate.numerator.function, window) && follows(aggregate.denominator.function, window)
}

function follows(name: AggregateFunction, window: WindowPlan): boolean {
  if (window.kind === 'rows') return false
  return DIFFERENCES.has(name) || (window.kind === 'lifetime' && (name === 'min' || name === 'max'))
}

function loggedValues(scope: Scope, fact: FactPlan, features: readonly LoggedFeature[]): ViewValues {
  const { leaves, grain, prefix } = scope
  const terms = new TermSet({ frames: false })
  terms.running('count', terms.input(null, null, 'integer'), 0)
  const columns = features.map((feature) => {
    const value =
      feature.kind === 'age'
        ? ageValue(leaves, terms, terms.input(null, feature.where, 'integer'))
        : windowValue(leaves, terms, fact, feature.aggregate, feature.window, grain)
    return sql`${emptyValue(feature, value)} AS ${sql.id(feature.name)}`
  })
  const running = terms.terms.filter((term): term is RunningTerm => term.kind === 'running')
  for (const { moment } of running) if (moment.kind === 'newest') terms.moment('newestRank', moment.input)
  const edges = [...new Set(running.map((term) => term.offset))]
  const log = sql.id(`${prefix}_log`)
  const found = arrivalLookup(scope, centreTiles(leaves, log, terms), running, edges)
  const values = sql`
    SELECT ${sql.join([sql`e`, sql`t`, ...columns])}
    FROM (SELECT *, ${timeOfBoundary(scope, sql`j`)} AS t FROM (${found}) found) a
  `
  return { prepare: [createTable(log, arrivalTiles(scope, fact, terms, edges))], values }
}
