import { sql, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { keyColumns, keysOf } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { joinedDoubt, joinedValue } from '../joins/plain.ts'
import { reachWithin } from '../joins/near.ts'
import { PointEdges } from '../points/point-edges.ts'
import type { Scope } from '../scope.ts'
import type { WindowFeature } from '../window-feature.ts'

/** An aggregate over a window, and the column that holds it. */
export interface ScannedPart {
  readonly id: string
  readonly part: WindowedAggregate
}

/** A window, and what is wanted of its events. */
export interface ScannedWindow {
  readonly window: WindowPlan
  readonly parts: readonly ScannedPart[]
}

/** The windows of all features, each once. */
export function windowsOf(features: readonly WindowFeature[]): readonly ScannedWindow[] {
  const windows = new Map<string, { readonly window: WindowPlan; readonly parts: ScannedPart[] }>()
  for (const part of features.flatMap(({ parts }) => parts)) {
    const name = JSON.stringify(part.window)
    const known = windows.get(name) ?? { window: part.window, parts: [] }
    known.parts.push({ id: `part_${known.parts.length}`, part })
    windows.set(name, known)
  }
  return [...windows.values()]
}

/**
 * `(owner, t, parts)` of whoever has an event in the window: `owner` is `e` or the keys, and there is no `t` where only
 * one feature time is wanted. No event before the window is read.
 */
export function scannedWindow(
  scope: Scope,
  source: EventsPlan,
  { window, parts }: ScannedWindow,
): { readonly rows: Sql; readonly rounded: boolean; readonly owner: string } {
  const { leaves } = scope
  const inputs = new TermSet()
  const points = new PointEdges(scope, pointOf(scope))
  // Among its own events, the window is all there is.
  const features = parts.map(({ id, part }): WindowFeature => ({
    name: id,
    parts: [{ ...part, window: { kind: 'lifetime' } }],
    combine: (_, values) => values[0] ?? sql`NULL`,
    empty: part.kind.empty,
  }))
  const columns = features.map(
    (feature) => sql`${joinedValue(leaves, source, inputs, feature, points)} AS ${sql.id(feature.name)}`,
  )
  const doubt = joinedDoubt(leaves, source, inputs, features, points)
  const inside = windowKind(window).inside(window, { us: sql`v.us`, back: sql`v.back` }, points.of(window))
  const reach = reachWithin(scope, window)
  const from = reach === null ? undefined : scope.first - BigInt(reach)
  const events = eventsBefore(scope, source, { inputs: inputs.inputs, inside, from, points })
  const [owner = 'e'] = keyColumns(scope)
  return {
    rows: sql`
      SELECT ${sql.join([ownerAndTime(scope), ...columns, ...doubt])}
      FROM ${events}
      GROUP BY ${ownerAndTime(scope)}
    `,
    rounded: doubt.length > 0,
    owner,
  }
}

/** T in µs: a constant where only one feature time is wanted, so that the engine need not join or group by time. */
export function pointOf({ first, last }: Scope): Sql {
  return first === last ? integer(first) : sql`p.t`
}

/** What events are grouped by. */
export function ownerAndTime(scope: Scope): Sql {
  const owner = keyColumns(scope).length === 0 ? sql`v.e` : keysOf(scope, 'v')
  return scope.first === scope.last ? owner : sql`${owner}, p.t`
}

/** Events `v` before each feature time that had arrived, and those feature times `p` where there are several. */
export function eventsBefore(
  scope: Scope,
  source: EventsPlan,
  given: {
    readonly inputs: TermSet['inputs']
    readonly inside: Sql | undefined
    readonly from: bigint | undefined
    readonly points: PointEdges
  },
): Sql {
  const point = given.points.us
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const conditions = [
    sql`v.us < ${point}`,
    ...(source.knownAt === null ? [] : [sql`v.known <= ${point} + ${integer(scope.view.delay)}`]),
    ...(given.inside === undefined ? [] : [given.inside]),
  ]
  const counted = sql.join(conditions, sql` AND `)
  const events = sql`(${eventsSql(scope, source, given.inputs, by, given.from)}) v`
  return scope.first === scope.last
    ? sql`${events} WHERE ${counted}`
    : sql`${events} JOIN ${given.points.located(instantsOf(scope))} p ON ${counted}`
}

/** The table of feature times. */
export function instantsOf({ instants, view }: Scope): Sql {
  if (instants === undefined) throw new Error(`view ${view.name} has no table of its feature times`)
  return sql.id(instants)
}
