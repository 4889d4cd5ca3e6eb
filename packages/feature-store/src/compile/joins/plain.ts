import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { groupValue } from '../../vocabulary/aggregates/group-value.ts'
import { fixedId } from '../../vocabulary/algebra/fixed-point.ts'
import { eventGroup, groupColumn, type GroupColumn } from '../../vocabulary/algebra/group.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { belowNewest, belowNewestAt } from '../../vocabulary/algebra/running-meter.ts'
import { anyDoubt, DOUBT, type Rounding } from '../../vocabulary/algebra/rounding.ts'
import { isSplitDecimal, partId } from '../../vocabulary/algebra/split-decimal.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { columnType } from '../../vocabulary/sources/computed.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import type { WindowEvent } from '../../vocabulary/windows/window-kind.ts'
import { eventsSql } from '../events.ts'
import { PointEdges } from '../points/point-edges.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import {
  inputsOf,
  isRounded,
  meterInput,
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

/** An event `v` as a window sees it. */
export const JOINED_EVENT: WindowEvent = {
  us: sql`v.us`,
  until: sql`v.until`,
  back: sql`v.back`,
  below: sql`v.below`,
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
    const value = groupValue(part.kind, part.plan, eventGroup(leaves, points.us), columns)
    const missing = windowKind(part.window).missing?.(part.window, points.ofGroup(part.window))
    return missing === undefined ? value : sql`CASE WHEN NOT ${missing} THEN ${value} END`
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
  const inside = windowKind(window).inside(window, JOINED_EVENT, points.of(window))
  const [x, y] = inputsOf(inputs, source, plan)
  const column = (input: Input): GroupColumn =>
    groupColumn(input, (name) => {
      const value = sql.id('v', name)
      return inside === undefined ? value : sql`CASE WHEN ${inside} THEN ${value} END`
    })
  return [column(x), column(y)]
}

/** Whether a feature depends on the order of all events before T, not only on each event. */
export function isRanked({ parts }: WindowFeature): boolean {
  return parts.some(({ window }) => isRankedWindow(window))
}

export function isRankedWindow(window: WindowPlan): boolean {
  const { ranked, meter } = windowKind(window)
  return ranked === true || meter !== undefined
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

/** Points `p` with the events `v` of a window that depends on their order: `us`, `sequence`, `x` and, of two columns, `y`. */
export function rankedPairs(scope: Scope, source: EventsPlan, { plan, window }: WindowedAggregate): Sql {
  const { second } = plan
  const kind = windowKind(window)
  const x = namedInput('x', source, plan)
  const inputs = second === undefined ? [x] : [x, namedInput('y', source, { ...plan, column: second })]
  const meter = kind.meter?.(window)
  const pairs =
    meter === undefined
      ? rankedRows(scope, source, [passing('passes', source, plan), ...inputs], inputs)
      : meteredRows(scope, source, inputs, meterInput('reading', source, meter))
  const inside = kind.inside(window, JOINED_EVENT, { leaves: scope.leaves, us: sql`p.t`, edges: [] })
  return sql`
    ${pointTable(scope)} p
    JOIN (${pairs}) v ON v.e = p.e
      AND v.t = p.t
      AND ${inside ?? sql`TRUE`}
  `
}

/** Pairs with `back`: the place of the event among those that the aggregate counts. */
function rankedRows(scope: Scope, source: EventsPlan, read: readonly Input[], inputs: readonly Input[]): Sql {
  const newest = sql`v.us DESC NULLS LAST, v.sequence DESC NULLS LAST, v.x DESC NULLS LAST`
  const back = sql`ROW_NUMBER() OVER (PARTITION BY p.e, p.t ORDER BY ${newest}) AS back`
  return sql`
    SELECT ${sql.join([...PAIR, ...inputs.flatMap(columnsOf), back])}
    FROM ${pointsWithEvents(scope, source, read, new PointEdges(scope))}
    WHERE v.passes IS NOT NULL
  `
}

/** Pairs with `below`, whatever the aggregate counts. */
function meteredRows(scope: Scope, source: EventsPlan, inputs: readonly Input[], reading: Input): Sql {
  const { leaves } = scope
  if (source.knownAt === null) {
    const events = eventsSql(scope, source, [reading, ...inputs], 'entity')
    const points = { us: sql`p.t`, table: pointTable(scope), perOwner: true }
    return belowNewestAt({ leaves, events, owner: ['e'], reading: reading.id }, points)
  }
  const events = sql`
    SELECT ${sql.join([...PAIR, ...inputs.flatMap(columnsOf), sql`v.reading AS reading`])}
    FROM ${pointsWithEvents(scope, source, [reading, ...inputs], new PointEdges(scope))}
  `
  return belowNewest({ leaves, events, owner: ['e', 't'], reading: reading.id })
}

const PAIR: readonly Sql[] = [sql`p.e AS e`, sql`p.t AS t`, sql`v.us AS us`, sql`v.sequence AS sequence`]

/** The columns of an input, by their names. */
function columnsOf(input: Input): readonly Sql[] {
  const fixed = input.type === 'double' ? (['fit', 'units', 'counted'] as const) : []
  const parts = isSplitDecimal(input.type) ? (['high', 'low', 'rest'] as const) : []
  const own = [...fixed.map((name) => fixedId(name, input)), ...parts.map((name) => partId(name, input))]
  return [input.id, ...own].map((name) => sql`${sql.id('v', name)} AS ${sql.id(name)}`)
}
