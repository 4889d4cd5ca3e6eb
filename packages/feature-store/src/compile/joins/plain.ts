import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { eventGroup } from '../../vocabulary/algebra/group.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { Input } from '../../vocabulary/algebra/moments.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import { columnType, inputsOf, orEmpty, type WindowFeature } from '../window-feature.ts'

/**
 * Joins every point with the events that count for it, and lets the engine aggregate them: no tiles, no running
 * moments. This is the definition written down. It answers every aggregate over every window.
 */
export const plain: Strategy = {
  name: 'plain',
  applies: () => true,
  answers: () => true,
  values: (scope, events, features) => ({ tables: [], values: plainValues(scope, events, features) }),
}

function plainValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const inputs = new TermSet()
  const columns = features
    .filter((feature) => !isRanked(feature))
    .map((feature) => sql`${joinedValue(scope.leaves, source, inputs, feature)} AS ${sql.id(feature.name)}`)
  const main = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${pointsWithEvents(scope, source, inputs.inputs)}
    GROUP BY p.e, p.t
  `
  const ranked = features.filter(isRanked)
  if (ranked.length === 0) return main
  const joins = ranked.map((feature, i) => {
    const alias = `r${i}`
    const same = sql`${sql.id(alias, 'e')} = m.e AND ${sql.id(alias, 't')} = m.t`
    return sql` LEFT JOIN (${rankedValue(scope, source, feature)}) ${sql.id(alias)} ON ${same}`
  })
  const list = features.map((feature) => {
    const at = ranked.indexOf(feature)
    if (at < 0) return sql.id('m', feature.name)
    return sql`${orEmpty(feature, sql.id(`r${at}`, 'value'))} AS ${sql.id(feature.name)}`
  })
  return sql`SELECT ${sql.join([sql`m.e AS e`, sql`m.t AS t`, ...list])} FROM (${main}) m${sql.join(joins, sql``)}`
}

/** Points `p` with the events `v` before them that had arrived. */
function pointsWithEvents(scope: Scope, source: EventsPlan, inputs: readonly Input[]): Sql {
  const arrived = source.knownAt === null ? sql`` : sql` AND v.known <= p.t + ${integer(scope.view.delay)}`
  const events = eventsSql(scope, source, inputs, 'entity')
  return sql`${pointTable(scope)} p JOIN (${events}) v ON v.e = p.e AND v.us < p.t${arrived}`
}

/** The value of a feature over a group of events `v` joined with a point `p`. */
export function joinedValue(leaves: Leaves, source: EventsPlan, inputs: TermSet, feature: WindowFeature): Sql {
  const values = feature.parts.map(({ kind, plan, window }) => {
    const event = { us: sql`v.us`, back: sql`v.back` }
    const inside = windowKind(window).inside(window, event, sql`p.t`)
    const [x, y] = inputsOf(inputs, source, plan).map(({ id, type }) => {
      const column = sql.id('v', id)
      return { sql: inside === undefined ? column : sql`CASE WHEN ${inside} THEN ${column} END`, type }
    })
    if (x === undefined || y === undefined) throw new Error(`${feature.name} has no column`)
    return kind.plain(eventGroup(leaves), x, y)
  })
  return feature.combine(leaves, values)
}

function isRanked({ parts }: WindowFeature): boolean {
  return parts.some(({ window }) => windowKind(window).ranked === true)
}

/** `(e, t, value)` of a feature whose windows count rows back from the newest. */
function rankedValue(scope: Scope, source: EventsPlan, feature: WindowFeature): Sql {
  const { leaves } = scope
  const [part, other] = feature.parts.map((one) => rankedPart(scope, source, one))
  if (part === undefined) throw new Error(`${feature.name} has no part`)
  if (other === undefined) return part
  return sql`
    SELECT a.e AS e, a.t AS t, ${feature.combine(leaves, [sql`a.value`, sql`b.value`])} AS value
    FROM (${part}) a
    JOIN (${other}) b ON a.e = b.e AND a.t = b.t
  `
}

function rankedPart(scope: Scope, source: EventsPlan, { kind, plan, window }: WindowedAggregate): Sql {
  const { column, second, where } = plan
  const x: Input = { id: 'x', column, where, type: columnType(source, column) }
  const y: Input | undefined =
    second === undefined ? undefined : { id: 'y', column: second, where, type: columnType(source, second) }
  const passes: Input = { id: 'passes', column: null, where, type: 'integer' }
  const newest = sql`v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, v.x DESC NULLS LAST`
  const columns = [
    sql`p.e AS e`,
    sql`p.t AS t`,
    sql`v.us AS us`,
    sql`v.sequence AS sequence`,
    sql`v.x AS x`,
    ...(y === undefined ? [] : [sql`v.y AS y`]),
    sql`ROW_NUMBER() OVER (PARTITION BY p.e, p.t ORDER BY ${newest}) AS back`,
  ]
  const ranked = sql`
    SELECT ${sql.join(columns)}
    FROM ${pointsWithEvents(scope, source, [passes, x, ...(y === undefined ? [] : [y])])}
    WHERE v.passes IS NOT NULL
  `
  const of = { sql: sql`v.x`, type: x.type }
  const value = kind.plain(eventGroup(scope.leaves), of, y === undefined ? of : { sql: sql`v.y`, type: y.type })
  const inside = windowKind(window).inside(window, { us: sql`v.us`, back: sql`v.back` }, sql`p.t`)
  return sql`
    SELECT p.e AS e, p.t AS t, ${value} AS value
    FROM ${pointTable(scope)} p
    JOIN (${ranked}) v ON v.e = p.e AND v.t = p.t
    WHERE ${inside ?? sql`TRUE`}
    GROUP BY p.e, p.t
  `
}
