import { sql, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { DOUBT } from '../../vocabulary/algebra/rounding.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { farthestEdge } from '../points/calendar-steps.ts'
import { PointEdges } from '../points/point-edges.ts'
import { closesByEvents } from '../closing.ts'
import { pointTable, type Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import { inputOf, isRounded, orEmpty, type WindowFeature } from '../window-feature.ts'
import { joinedDoubt, joinedValue } from './plain.ts'

/** Joins every point with the events of its windows only: the cost does not grow with the length of the history. */
export const near: Strategy = {
  name: 'near',
  applies: (scope) => scope.lookup !== 'direct',
  answers: (_, feature) => isNear(feature),
  values: (scope, events, features) => ({ tables: [], values: nearRows(scope, events, features) }),
  present: nearValues,
}

/** Whether a feature looks back a bounded time. */
export function isNear({ parts }: WindowFeature): boolean {
  return parts.every(({ window }) => windowKind(window).reach(window) !== null)
}

/** How far back a window begins at the feature times of a scope, µs; null: since ever. */
export function reachWithin({ view, first, last }: Scope, window: WindowPlan): number | null {
  const kind = windowKind(window)
  const [earliest] = kind.starts?.(window) ?? []
  return earliest === undefined ? kind.reach(window) : farthestEdge(view, earliest, { first, last })
}

/** How far back the longest window begins, in microseconds. */
export function reachOf(features: readonly WindowFeature[]): number {
  return Math.max(
    ...features.flatMap(({ parts }) => parts.map(({ window }) => windowKind(window).reach(window) ?? Infinity)),
  )
}

/**
 * How many stretches a window can touch: shorter ones join fewer irrelevant events, but each adds a copy of the
 * points.
 */
const STRETCHES = 2

/**
 * `(e, t, features)` by joining every point with the events of its windows: events and points meet by stretches of
 * time, so that the cost is points × events within reach. Has no row where no event is within reach.
 */
function nearValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const inputs = new TermSet()
  const seen = new Map<string, Sql>()
  const points = new PointEdges(scope)
  const columns = features.map(
    (feature) => sql`${valueOf(scope, source, inputs, seen, points, feature)} AS ${sql.id(feature.name)}`,
  )
  const doubt = joinedDoubt(scope.leaves, source, inputs, features, points)
  const reach = Math.max(
    ...features.flatMap(({ parts }) => parts.map(({ window }) => reachWithin(scope, window) ?? Infinity)),
  )
  const before = [...seen].map(([id, order]) => sql`${order} AS ${sql.id(id)}`)
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns, ...doubt])}
    FROM ${nearPairs(scope, source, inputs.inputs, points, reach, before)}
    GROUP BY p.e, p.t
  `
}

/** Points `p` with the events `v` that lie within reach before them and had arrived; `before` are columns of events. */
export function nearPairs(
  scope: Scope,
  source: EventsPlan,
  inputs: readonly Input[],
  edges: PointEdges,
  reach: number,
  before: readonly Sql[],
): Sql {
  const { leaves } = scope
  // A window that ends where it begins, such as the month so far at its start, reaches nowhere.
  const stretch = Math.max(1, Math.ceil(reach / STRETCHES))
  const backs = sql.join(
    Array.from(
      { length: STRETCHES + 1 },
      (_, back) => sql`SELECT CAST(${integer(back)} AS ${leaves.columnType('bigint')}) AS back`,
    ),
    sql` UNION ALL `,
  )
  const met = sql`${leaves.floorDivide(edges.us, stretch)} - backs.back AS stretch`
  const points = sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...edges.columns, met])}
    FROM ${edges.located(pointTable(scope))} p
    CROSS JOIN (${backs}) backs
  `
  // How far before T the newest event closes a window is not known.
  const since = closesByEvents(scope.view) ? [sql`TRUE`] : [sql`v.us >= ${integer(scope.first - BigInt(reach))}`]
  const present = source.knownAt === null ? since : [...since, sql`v.known IS NOT NULL`]
  const events = sql`
    SELECT ${sql.join([sql`v.*`, sql`${leaves.floorDivide(sql`v.us`, stretch)} AS stretch`, ...before])}
    FROM (${eventsSql(scope, source, inputs, 'entity')}) v
    WHERE ${sql.join(present, sql` AND `)}
  `
  const arrived = source.knownAt === null ? sql`` : sql` AND v.known <= p.t + ${integer(scope.view.delay)}`
  return sql`
    (${points}) p
    JOIN (${events}) v ON v.e = p.e
      AND v.stretch = p.stretch
      AND v.us < p.t
      AND v.us >= ${edges.us} - ${integer(reach)}${arrived}
  `
}

/**
 * COUNT(DISTINCT) keeps a set for every point; an event counts instead where no event of the same value that entered
 * before it still lies in the window. `seen` collects, for an input and a shift, the newest time of those.
 */
function valueOf(
  scope: Scope,
  source: EventsPlan,
  inputs: TermSet,
  seen: Map<string, Sql>,
  points: PointEdges,
  feature: WindowFeature,
): Sql {
  const { leaves, view } = scope
  const [part] = feature.parts
  const span = part === undefined ? undefined : windowKind(part.window).span?.(part.window, 1)
  if (part?.kind.merged?.by !== 'changes' || feature.parts.length > 1 || span === undefined || span.width === null)
    return joinedValue(leaves, source, inputs, feature, points)
  const { shift, width } = span
  const input = inputOf(inputs, source, part.plan)
  const x = sql.id('v', input.id)
  const id = `${input.id}_before${shift}`
  const entered =
    source.knownAt === null
      ? sql`v.us`
      : leaves.greatest(sql`v.us + ${integer(shift + 1)}`, sql`v.known - ${integer(view.delay)}`)
  seen.set(
    id,
    sql`MAX(v.us) OVER (PARTITION BY v.e, ${x} ORDER BY ${entered} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`,
  )
  const begin = sql`p.t - ${integer(shift + width)}`
  const newest = shift === 0 ? sql`` : sql` AND v.us < p.t - ${integer(shift)}`
  const fresh = sql`(${sql.id('v', id)} IS NULL OR ${sql.id('v', id)} < ${begin})`
  return sql`COUNT(CASE WHEN v.us >= ${begin}${newest} AND ${fresh} THEN ${x} END)`
}

/** Points `p` whose entity has an event before them that had arrived. */
export function pointsSince(scope: Scope, source: EventsPlan): Sql {
  const { leaves } = scope
  const known =
    source.knownAt === null
      ? sql`v.us + 1`
      : leaves.greatest(sql`v.us + 1`, sql`v.known - ${integer(scope.view.delay)}`)
  const present = source.knownAt === null ? sql`` : sql` WHERE v.known IS NOT NULL`
  const since = sql`
    SELECT v.e AS e, MIN(${known}) AS since
    FROM (${eventsSql(scope, source, [], 'entity')}) v${present}
    GROUP BY v.e
  `
  return sql`${pointTable(scope)} p JOIN (${since}) s ON s.e = p.e AND s.since <= p.t`
}

/** `(e, t, features)` for every point whose entity has an event before it that had arrived. */
function nearRows(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const columns = features.map(
    (feature) => sql`${orEmpty(feature, sql.id('w', feature.name), sql`w.e`)} AS ${sql.id(feature.name)}`,
  )
  const doubt = features.some((feature) => isRounded(source, feature))
    ? [sql`w.${sql.id(DOUBT)} AS ${sql.id(DOUBT)}`]
    : []
  return sql`
    SELECT ${sql.join([sql`p.e AS e`, sql`p.t AS t`, ...columns, ...doubt])}
    FROM ${pointsSince(scope, source)}
    LEFT JOIN (${nearValues(scope, source, features)}) w ON w.e = p.e AND w.t = p.t
  `
}
