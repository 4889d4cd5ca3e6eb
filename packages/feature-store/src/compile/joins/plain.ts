import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { groupValue } from '../../vocabulary/aggregates/group-value.ts'
import { fixedId } from '../../vocabulary/algebra/fixed-point.ts'
import { eventGroup, groupColumn, type GroupColumn } from '../../vocabulary/algebra/group.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { anyDoubt, DOUBT, type Rounding } from '../../vocabulary/algebra/rounding.ts'
import { isSplitDecimal, partId } from '../../vocabulary/algebra/split-decimal.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { PointEdges } from '../points/point-edges.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import {
  columnType,
  inputsOf,
  isRounded,
  namedInput,
  orEmpty,
  passing,
  roundingOf,
  type WindowFeature,
} from '../window-feature.ts'

/**
 * Joins every point with the events that count for it, and lets the engine aggregate them: no tiles, no running
 * moments. This is the definition written down. It answers every aggregate over every window, but for those
 * that count values: `frequent`.
 */
export const plain: Strategy = {
  name: 'plain',
  applies: () => true,
  answers: () => true,
  values: (scope, events, features) => ({ tables: [], values: plainValues(scope, events, features) }),
}

function plainValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const inputs = new TermSet()
  const points = new PointEdges(scope)
  const columns = features
    .filter((feature) => !isRanked(feature))
    .map((feature) => sql`${joinedValue(scope.leaves, source, inputs, feature, points)} AS ${sql.id(feature.name)}`)
  const ranked = features.filter(isRanked)
  const doubt = joinedDoubt(
    scope.leaves,
    source,
    inputs,
    features.filter((feature) => !isRanked(feature)),
    points,
  )
  const main = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns, ...doubt])}
    FROM ${pointsWithEvents(scope, source, inputs.inputs, points)}
    GROUP BY p.e, p.t
  `
  if (ranked.length === 0) return main
  const joins = ranked.map((feature, i) => {
    const alias = `r${i}`
    const same = sql`${sql.id(alias, 'e')} = m.e AND ${sql.id(alias, 't')} = m.t`
    return sql` LEFT JOIN (${rankedValue(scope, source, feature)}) ${sql.id(alias)} ON ${same}`
  })
  const list = features.map((feature) => {
    const at = ranked.indexOf(feature)
    if (at < 0) return sql.id('m', feature.name)
    return sql`${orEmpty(feature, sql.id(`r${at}`, 'value'), sql.id(`r${at}`, 'e'))} AS ${sql.id(feature.name)}`
  })
  const doubts = [
    ...(doubt.length === 0 ? [] : [sql.id('m', DOUBT)]),
    ...ranked.flatMap((feature, i) => (isRounded(source, feature) ? [sql.id(`r${i}`, DOUBT)] : [])),
  ]
  const any = doubts.length === 0 ? [] : [sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`]
  return sql`SELECT ${sql.join([sql`m.e AS e`, sql`m.t AS t`, ...list, ...any])} FROM (${main}) m${sql.join(joins, sql``)}`
}

/** Points `p` with the events `v` before them that had arrived. */
export function pointsWithEvents(scope: Scope, source: EventsPlan, inputs: readonly Input[], points: PointEdges): Sql {
  const arrived = source.knownAt === null ? sql`` : sql` AND v.known <= p.t + ${integer(scope.view.delay)}`
  const events = eventsSql(scope, source, inputs, 'entity')
  return sql`${points.located(pointTable(scope))} p JOIN (${events}) v ON v.e = p.e AND v.us < p.t${arrived}`
}

/** The value of a feature over a group of events `v` at a point. */
export function joinedValue(
  leaves: Leaves,
  source: EventsPlan,
  inputs: TermSet,
  feature: WindowFeature,
  points: PointEdges,
): Sql {
  const values = feature.parts.map((part) => {
    const columns = joinedColumns(source, inputs, part, points)
    return groupValue(part.kind, part.plan, eventGroup(leaves, points.us), columns)
  })
  return feature.combine(leaves, values)
}

/** The column that says whether a row must be computed again; none when no feature is rounded. */
export function joinedDoubt(
  leaves: Leaves,
  source: EventsPlan,
  inputs: TermSet,
  features: readonly WindowFeature[],
  points: PointEdges,
): readonly Sql[] {
  const group = eventGroup(leaves, points.us)
  // What several features ask of the same values is asked once.
  const asked = new Map<Rounding['doubt'], Set<string>>()
  const doubts: Sql[] = []
  for (const part of features.flatMap(({ parts }) => parts)) {
    const doubt = roundingOf(source, part)?.doubt
    if (doubt === undefined) continue
    const values = JSON.stringify([inputsOf(inputs, source, part.plan).map(({ id }) => id), part.window])
    const known = asked.get(doubt) ?? new Set()
    if (known.has(values)) continue
    asked.set(doubt, known.add(values))
    doubts.push(doubt(group, ...joinedColumns(source, inputs, part, points)))
  }
  return doubts.length === 0 ? [] : [sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`]
}

/** The columns of an aggregate, null for events outside its window. */
export function joinedColumns(
  source: EventsPlan,
  inputs: TermSet,
  { plan, window }: WindowedAggregate,
  points: PointEdges,
): readonly [x: GroupColumn, y: GroupColumn] {
  const event = { us: sql`v.us`, back: sql`v.back` }
  const inside = windowKind(window).inside(window, event, points.of(window))
  const [x, y] = inputsOf(inputs, source, plan)
  const column = (input: Input): GroupColumn =>
    groupColumn(input, (name) => {
      const value = sql.id('v', name)
      return inside === undefined ? value : sql`CASE WHEN ${inside} THEN ${value} END`
    })
  return [column(x), column(y)]
}

export function isRanked({ parts }: WindowFeature): boolean {
  return parts.some(({ window }) => windowKind(window).ranked === true)
}

/** `(e, t, value)` of a feature whose windows count rows back from the newest. */
function rankedValue(scope: Scope, source: EventsPlan, feature: WindowFeature): Sql {
  const { leaves } = scope
  const [part, other] = feature.parts.map((one) => rankedPart(scope, source, one))
  if (part === undefined) throw new Error(`${feature.name} has no part`)
  if (other === undefined) return part
  const doubts = feature.parts.flatMap((one, i) =>
    roundingOf(source, one) === undefined ? [] : [sql.id(i === 0 ? 'a' : 'b', DOUBT)],
  )
  const columns = [
    sql`a.e AS e`,
    sql`a.t AS t`,
    sql`${feature.combine(leaves, [sql`a.value`, sql`b.value`])} AS value`,
    ...(doubts.length === 0 ? [] : [sql`${anyDoubt(doubts)} AS ${sql.id(DOUBT)}`]),
  ]
  return sql`
    SELECT ${sql.join(columns)}
    FROM (${part}) a
    JOIN (${other}) b ON a.e = b.e AND a.t = b.t
  `
}

function rankedPart(scope: Scope, source: EventsPlan, part: WindowedAggregate): Sql {
  const { kind, plan } = part
  const group = eventGroup(scope.leaves, sql`p.t`)
  const column = (id: string, name: string | null): GroupColumn =>
    groupColumn({ id, type: columnType(source, plan, name) }, (one) => sql.id('v', one))
  const x = column('x', plan.column)
  const y = plan.second === undefined ? x : column('y', plan.second)
  const rounding = roundingOf(source, part)
  const doubt = rounding === undefined ? [] : [sql`${anyDoubt([rounding.doubt(group, x, y)])} AS ${sql.id(DOUBT)}`]
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, sql`${groupValue(kind, plan, group, [x, y])} AS value`, ...doubt])}
    FROM ${rankedPairs(scope, source, part)}
    GROUP BY p.e, p.t
  `
}

/** Points `p` with the events `v` of a window that counts rows: their `us`, `sequence`, `x` and, of two columns, `y`. */
export function rankedPairs(scope: Scope, source: EventsPlan, { plan, window }: WindowedAggregate): Sql {
  const { second } = plan
  const x = namedInput('x', source, plan)
  const y = second === undefined ? undefined : namedInput('y', source, { ...plan, column: second })
  const passes = passing('passes', source, plan)
  const newest = sql`v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, v.x DESC NULLS LAST`
  const columns = [
    sql`p.e AS e`,
    sql`p.t AS t`,
    sql`v.us AS us`,
    sql`v.sequence AS sequence`,
    ...[x, ...(y === undefined ? [] : [y])].flatMap(columnsOf),
    sql`ROW_NUMBER() OVER (PARTITION BY p.e, p.t ORDER BY ${newest}) AS back`,
  ]
  const ranked = sql`
    SELECT ${sql.join(columns)}
    FROM ${pointsWithEvents(scope, source, [passes, x, ...(y === undefined ? [] : [y])], new PointEdges(scope))}
    WHERE v.passes IS NOT NULL
  `
  const inside = windowKind(window).inside(window, { us: sql`v.us`, back: sql`v.back` }, { us: sql`p.t`, edges: [] })
  return sql`
    ${pointTable(scope)} p
    JOIN (${ranked}) v ON v.e = p.e
      AND v.t = p.t
      AND ${inside ?? sql`TRUE`}
  `
}

/** The columns of an input, by their names. */
function columnsOf(input: Input): readonly Sql[] {
  const fixed = input.type === 'double' ? (['fit', 'units', 'counted'] as const) : []
  const parts = isSplitDecimal(input.type) ? (['high', 'low', 'rest'] as const) : []
  const own = [...fixed.map((name) => fixedId(name, input)), ...parts.map((name) => partId(name, input))]
  return [input.id, ...own].map((name) => sql`${sql.id('v', name)} AS ${sql.id(name)}`)
}
