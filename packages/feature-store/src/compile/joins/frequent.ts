import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { groupValue } from '../../vocabulary/aggregates/group-value.ts'
import { eventGroup, groupColumn } from '../../vocabulary/algebra/group.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import { namedInput, type WindowFeature } from '../window-feature.ts'
import { PointEdges } from '../points/point-edges.ts'
import { nearPairs, pointsSince, reachWithin } from './near.ts'
import { pointsWithEvents, rankedPairs } from './plain.ts'

/** Joins every point with the events of a window, and counts how often each value occurs there before it aggregates. */
export const frequent: Strategy = {
  name: 'frequent',
  applies: () => true,
  answers: (_, { parts }) => parts.some(({ kind }) => kind.counted === true),
  values: (scope, events, features) => ({
    tables: [],
    values: valuesAt(scope, events, features, pointsSince(scope, events)),
  }),
  present: (scope, events, features) => valuesAt(scope, events, features, sql`${pointTable(scope)} p`),
}

/** `(e, t, features)` of `points`. */
function valuesAt(scope: Scope, source: EventsPlan, features: readonly WindowFeature[], points: Sql): Sql {
  const joins: Sql[] = []
  const columns = features.map(({ name, parts, combine }) => {
    const values = parts.map((part) => {
      const alias = `c${joins.length}`
      const same = sql`${sql.id(alias, 'e')} = p.e AND ${sql.id(alias, 't')} = p.t`
      joins.push(sql` LEFT JOIN (${countedValue(scope, source, part)}) ${sql.id(alias)} ON ${same}`)
      return sql.id(alias, 'value')
    })
    return sql`${combine(scope.leaves, values)} AS ${sql.id(name)}`
  })
  return sql`SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])} FROM ${points}${sql.join(joins, sql``)}`
}

/** `(e, t, value)` of the points whose window has a value. */
function countedValue(scope: Scope, source: EventsPlan, part: WindowedAggregate): Sql {
  const { leaves } = scope
  const { kind, plan, window } = part
  const input = namedInput('x', source, plan)
  const columns = [
    sql`p.e AS e`,
    sql`p.t AS t`,
    sql`v.us AS us`,
    sql`v.sequence AS sequence`,
    sql`v.x AS x`,
    sql`COUNT(*) OVER (PARTITION BY p.e, p.t, v.x) AS often`,
  ]
  const points = new PointEdges(scope)
  const inside = windowKind(window).inside(window, { us: sql`v.us`, back: sql`v.back` }, points.of(window))
  const pairs = pairsOf(scope, source, part, input, points)
  const counted = sql`SELECT ${sql.join(columns)} FROM ${pairs} WHERE v.x IS NOT NULL`
  const x = groupColumn(input, (name) => sql.id('v', name))
  const value = groupValue(kind, plan, eventGroup(leaves, sql`v.t`), [x, x])
  const kept = inside === undefined || isRanked(part) ? counted : sql`${counted} AND ${inside}`
  return sql`SELECT v.e AS e, v.t AS t, ${value} AS value FROM (${kept}) v GROUP BY v.e, v.t`
}

/** Points `p` with the events `v` before them, not all of which need lie in the window. */
function pairsOf(scope: Scope, source: EventsPlan, part: WindowedAggregate, input: Input, points: PointEdges): Sql {
  if (isRanked(part)) return rankedPairs(scope, source, part)
  const reach = reachWithin(scope, part.window)
  return reach === null || scope.lookup === 'direct'
    ? pointsWithEvents(scope, source, [input], points)
    : nearPairs(scope, source, [input], points, reach, [])
}

function isRanked({ window }: WindowedAggregate): boolean {
  return windowKind(window).ranked === true
}
