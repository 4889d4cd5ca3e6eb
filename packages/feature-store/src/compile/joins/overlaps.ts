import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { groupValue } from '../../vocabulary/aggregates/group-value.ts'
import { eventGroup, groupColumn } from '../../vocabulary/algebra/group.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { PointEdges } from '../points/point-edges.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import { inputOf, orEmpty, type WindowFeature } from '../window-feature.ts'
import { pointsSince, reachWithin } from './near.ts'

/** Joins every point with the intervals that have begun before it, and cuts each of them at the edges of the window. */
export const overlaps: Strategy = {
  name: 'overlaps',
  applies: (_, events) => events.end !== undefined,
  answers: (_, { parts }) => parts.some(({ kind }) => kind.spans === true),
  values: (scope, events, features) => ({ tables: [], values: overlapValues(scope, events, features) }),
}

function overlapValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const asked: Asked = {
    inputs: new TermSet(),
    points: new PointEdges(scope),
    unions: new Set(),
    reach: farthestReach(scope, features),
  }
  const columns = features.map(({ name, parts, combine }) => {
    const values = parts.map((part) => coveredValue(scope, source, part, asked))
    return sql`${combine(scope.leaves, values)} AS ${sql.id(name)}`
  })
  const covered = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${pointsWithIntervals(scope, source, asked)}
    GROUP BY p.e, p.t
  `
  if (asked.reach === null) return covered
  // Only intervals that last until the windows begin were joined.
  const all = features.map(
    (feature) => sql`${orEmpty(feature, sql.id('w', feature.name), sql`w.e`)} AS ${sql.id(feature.name)}`,
  )
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...all])}
    FROM ${pointsSince(scope, source)}
    LEFT JOIN (${covered}) w ON w.e = p.e AND w.t = p.t
  `
}

/** How far back the longest window begins, µs; null: since ever. */
function farthestReach(scope: Scope, features: readonly WindowFeature[]): number | null {
  const reaches = features.flatMap(({ parts }) => parts.map(({ window }) => reachWithin(scope, window)))
  return reaches.reduce((longest, one) => (longest === null || one === null ? null : Math.max(longest, one)), 0)
}

interface Asked {
  readonly inputs: TermSet
  readonly points: PointEdges
  /** The inputs whose intervals count each moment once. */
  readonly unions: Set<string>
  readonly reach: number | null
}

function coveredValue(
  scope: Scope,
  source: EventsPlan,
  part: WindowedAggregate,
  { inputs, points, unions }: Asked,
): Sql {
  const { leaves } = scope
  const { kind, plan, window } = part
  const input = inputOf(inputs, source, plan)
  const union = plan.parameters?.['union'] === 1
  if (union) unions.add(input.id)
  const bounds = windowKind(window).bounds?.(window, points.of(window))
  if (bounds === undefined) throw new Error(`a window of kind ${window.kind} does not lie in time`)
  const begins = [
    sql`v.us`,
    ...(union ? [sql.id('v', reachId(input.id))] : []),
    ...(bounds.from === undefined ? [] : [bounds.from]),
  ]
  const from = begins.length === 1 ? sql`v.us` : leaves.greatest(...begins)
  const covered = leaves.greatest(sql`${leaves.least(sql`v.until`, bounds.to)} - ${from}`, sql`0`)
  const x = groupColumn(
    { id: input.id, type: 'bigint' },
    (name) => sql`CASE WHEN ${sql.id('v', name)} IS NOT NULL THEN ${covered} END`,
  )
  const value = groupValue(kind, plan, eventGroup(leaves, points.us), [x, x])
  const missing = windowKind(window).missing?.(window, points.ofGroup(window))
  return missing === undefined ? value : sql`CASE WHEN NOT ${missing} THEN ${value} END`
}

/** Points `p` with the intervals `v` that had begun before them and arrived, and that last until the windows begin. */
function pointsWithIntervals(scope: Scope, source: EventsPlan, { inputs, points, unions, reach }: Asked): Sql {
  const located = points.located(pointTable(scope))
  const all = eventsSql(scope, source, inputs.inputs, 'entity')
  const events =
    reach === null ? all : sql`SELECT v.* FROM (${all}) v WHERE v.until > ${integer(scope.first - BigInt(reach))}`
  const counted = [
    sql`v.e = p.e`,
    sql`v.us < p.t`,
    ...(reach === null ? [] : [sql`v.until > p.t - ${integer(reach)}`]),
    ...(source.knownAt === null ? [] : [sql`v.known <= p.t + ${integer(scope.view.delay)}`]),
  ]
  const joined = sql.join(counted, sql` AND `)
  if (unions.size === 0) return sql`${located} p JOIN (${events}) v ON ${joined}`
  const reaches = (owner: Sql): readonly Sql[] => [...unions].map((id) => reachColumn(id, owner))
  if (source.knownAt === null)
    return sql`${located} p JOIN (SELECT ${sql.join([sql`v.*`, ...reaches(sql`v.e`)])} FROM (${events}) v) v ON ${joined}`
  // Which intervals have arrived depends on T, and so does what they cover together.
  const columns = sql.join([sql`p.t AS t`, sql`v.*`, ...reaches(sql`p.e, p.t`)])
  const pairs = sql`SELECT ${columns} FROM ${pointTable(scope)} p JOIN (${events}) v ON ${joined}`
  return sql`${located} p JOIN (${pairs}) v ON v.e = p.e AND v.t = p.t`
}

function reachId(input: string): string {
  return `${input}_reach`
}

/** How far the intervals reach that began before this one: what it covers first begins there. */
function reachColumn(input: string, owner: Sql): Sql {
  const until = sql`CASE WHEN ${sql.id('v', input)} IS NOT NULL THEN v.until END`
  const before = sql`PARTITION BY ${owner} ORDER BY v.us, v.until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
  return sql`COALESCE(MAX(${until}) OVER (${before}), ${integer(-(2n ** 62n))}) AS ${sql.id(reachId(input))}`
}
