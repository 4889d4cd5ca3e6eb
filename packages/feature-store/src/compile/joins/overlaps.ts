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
import { inputOf, type WindowFeature } from '../window-feature.ts'
import { pointsWithEvents } from './plain.ts'

/** Joins every point with the intervals that have begun before it, and cuts each of them at the edges of the window. */
export const overlaps: Strategy = {
  name: 'overlaps',
  applies: (_, events) => events.end !== undefined,
  answers: (_, { parts }) => parts.some(({ kind }) => kind.spans === true),
  values: (scope, events, features) => ({ tables: [], values: overlapValues(scope, events, features) }),
}

function overlapValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const inputs = new TermSet()
  const points = new PointEdges(scope)
  const unions = new Set<string>()
  const columns = features.map(({ name, parts, combine }) => {
    const values = parts.map((part) => coveredValue(scope, source, part, { inputs, points, unions }))
    return sql`${combine(scope.leaves, values)} AS ${sql.id(name)}`
  })
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns])}
    FROM ${pointsWithIntervals(scope, source, { inputs, points, unions })}
    GROUP BY p.e, p.t
  `
}

interface Asked {
  readonly inputs: TermSet
  readonly points: PointEdges
  /** The inputs whose intervals count each moment once. */
  readonly unions: Set<string>
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

/** Points `p` with the intervals `v` that had begun before them and arrived. */
function pointsWithIntervals(scope: Scope, source: EventsPlan, { inputs, points, unions }: Asked): Sql {
  if (unions.size === 0) return pointsWithEvents(scope, source, inputs.inputs, points)
  const located = points.located(pointTable(scope))
  if (source.knownAt === null) {
    const reaches = [...unions].map((id) => reachOf(id, sql`v.e`))
    const rows = sql`SELECT ${sql.join([sql`v.*`, ...reaches])} FROM (${eventsSql(scope, source, inputs.inputs, 'entity')}) v`
    return sql`${located} p JOIN (${rows}) v ON v.e = p.e AND v.us < p.t`
  }
  // Which intervals have arrived depends on T, and so does what they cover together.
  const reaches = [...unions].map((id) => reachOf(id, sql`p.e, p.t`))
  const pairs = pointsWithEvents(scope, source, inputs.inputs, new PointEdges(scope))
  const rows = sql`SELECT ${sql.join([sql`p.t AS t`, sql`v.*`, ...reaches])} FROM ${pairs}`
  return sql`${located} p JOIN (${rows}) v ON v.e = p.e AND v.t = p.t`
}

function reachId(input: string): string {
  return `${input}_reach`
}

/** How far the intervals reach that began before this one: what it covers first begins there. */
function reachOf(input: string, owner: Sql): Sql {
  const until = sql`CASE WHEN ${sql.id('v', input)} IS NOT NULL THEN v.until END`
  const before = sql`PARTITION BY ${owner} ORDER BY v.us, v.until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING`
  return sql`COALESCE(MAX(${until}) OVER (${before}), ${integer(-(2n ** 62n))}) AS ${sql.id(reachId(input))}`
}
