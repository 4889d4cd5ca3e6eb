import { sql, type Sql } from '@martlet/warehouse'
import type { WindowPlan } from '../../plan/feature-plan.ts'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import type { Input } from '../../vocabulary/algebra/input.ts'
import { belowNewest, belowNewestAt } from '../../vocabulary/algebra/running-meter.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import type { WindowedAggregate } from '../../vocabulary/features/feature-kind.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql, plainEvents, withSummed } from '../events.ts'
import { JOINED_EVENT, joinedDoubt, joinedValue } from '../joins/plain.ts'
import { reachWithin } from '../joins/near.ts'
import { PointEdges } from '../points/point-edges.ts'
import type { Scope } from '../scope.ts'
import type { TemporaryTable } from '../temporary-tables.ts'
import { inputOf, type WindowFeature } from '../window-feature.ts'

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
 * one feature time is wanted. No event before the window is read. `name` is that of a table that it may need.
 */
export function scannedWindow(
  scope: Scope,
  source: EventsPlan,
  { window, parts }: ScannedWindow,
  name: Sql,
): {
  readonly tables: readonly TemporaryTable[]
  readonly rows: Sql
  readonly rounded: boolean
  readonly owner: string
} {
  const { leaves } = scope
  const inputs = new TermSet()
  const meter = windowKind(window).meter?.(window)
  const points = new PointEdges(scope, pointOf(scope))
  const inside = windowKind(window).inside(window, JOINED_EVENT, points.of(window))
  const missing = windowKind(window).missing?.(window, points.of(window))
  // Events that were joined with their points bring T with them.
  const joined = meter !== undefined || points.isPerEntity
  const group = new PointEdges(scope, joined && scope.first !== scope.last ? sql`v.t` : pointOf(scope))
  // Among its own events, the window is all there is.
  const features = parts.map(({ id, part }): WindowFeature => ({
    name: id,
    parts: [{ ...part, window: { kind: 'lifetime' } }],
    combine: (_, values) => values[0] ?? sql`NULL`,
    empty: part.kind.empty,
  }))
  const columns = features.map(
    (feature) => sql`${joinedValue(leaves, source, inputs, feature, group)} AS ${sql.id(feature.name)}`,
  )
  const doubt = joinedDoubt(leaves, source, inputs, features, group)
  const reach = reachWithin(scope, window)
  const from = reach === null ? undefined : scope.first - BigInt(reach)
  const given = { inputs: inputs.inputs, inside, from, points }
  const tables: TemporaryTable[] = []
  const begun = (): Sql => {
    const there = pointsThere(scope, points, missing)
    // Without an anchor a window that exists all the same begins with the first event.
    const since = missing === undefined ? undefined : points.of(window).edges.at(-1)
    if (since === undefined) return entitiesWithEvents(scope, source, { ...given, there })
    tables.push({ name, rows: sql`SELECT p.* FROM ${there} p` })
    return entitiesWithEvents(scope, source, { ...given, there: name, since })
  }
  const events =
    meter !== undefined
      ? meteredEvents(scope, source, {
          ...given,
          meter: inputOf(inputs, source, { function: 'last', column: meter, where: null }),
        })
      : points.isPerEntity
        ? begun()
        : eventsBefore(scope, source, given)
  const [owner = 'e'] = keyColumns(scope)
  const owned = ownerAndTime(scope, 'v', joined ? 'v' : 'p')
  return {
    tables,
    rows: sql`
      SELECT ${sql.join([owned, ...columns, ...doubt])}
      FROM ${events}
      GROUP BY ${owned}
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
export function ownerAndTime(scope: Scope, alias: 'v' | 'p' = 'v', time: 'v' | 'p' = 'p'): Sql {
  const owner = keyColumns(scope).length === 0 ? sql.id(alias, 'e') : keysOf(scope, alias)
  return scope.first === scope.last ? owner : sql`${owner}, ${sql.raw(time)}.t`
}

/** Events `v` before each feature time that had arrived, and those feature times `p` where there are several. */
export function eventsBefore(
  scope: Scope,
  source: EventsPlan,
  given: ScannedEvents,
  read: typeof eventsSql = eventsSql,
): Sql {
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const counted = sql.join(countedBefore(scope, source, given), sql` AND `)
  const events = sql`(${read(scope, source, given.inputs, by, given.from)}) v`
  return scope.first === scope.last
    ? sql`${events} WHERE ${counted}`
    : sql`${events} JOIN ${given.points.located(instantsOf(scope))} p ON ${counted}`
}

interface ScannedEvents {
  readonly inputs: TermSet['inputs']
  readonly inside: Sql | undefined
  readonly from: bigint | undefined
  readonly points: PointEdges
}

function countedBefore(scope: Scope, source: EventsPlan, { inside, points }: ScannedEvents): readonly Sql[] {
  return [
    sql`v.us < ${points.us}`,
    ...(source.knownAt === null ? [] : [sql`v.known <= ${points.us} + ${integer(scope.view.delay)}`]),
    ...(inside === undefined ? [] : [inside]),
  ]
}

/** Every entity at every feature time at which its window exists, with what the window has to know of it. */
function pointsThere(scope: Scope, points: PointEdges, missing: Sql | undefined): Sql {
  const all =
    scope.first === scope.last
      ? sql`(SELECT n.*, CAST(${integer(scope.first)} AS ${scope.leaves.columnType('bigint')}) AS t FROM ${entityTable(scope)} n)`
      : sql`(SELECT n.*, i.t AS t FROM ${entityTable(scope)} n CROSS JOIN ${instantsOf(scope)} i)`
  const there = points.located(all)
  return missing === undefined ? there : sql`(SELECT p.* FROM ${there} p WHERE NOT ${missing})`
}

/**
 * The events `v` of the window of every entity and feature time that has one, or nulls; each with its owner and T. No
 * event is joined that is older than the first window, which begins at the least `since` of the points `there`.
 */
function entitiesWithEvents(
  scope: Scope,
  source: EventsPlan,
  given: ScannedEvents & { readonly there: Sql; readonly since?: Sql },
): Sql {
  const { inputs, from, there, since } = given
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const same = by === 'entity' ? sql`v.e = p.e` : sameEntity(scope, 'v', 'p')
  const least = since === undefined ? from : sql`(SELECT MIN(${since}) FROM ${there} p)`
  const owner = [...(by === 'entity' ? [sql`p.e`] : [keysOf(scope, 'p')]), sql`p.t AS t`]
  const columns = ['us', 'sequence', ...inputs.map(({ id }) => id)].map((name) => sql.id('v', name))
  const rows = sql`
    SELECT ${sql.join([...owner, ...columns])}
    FROM ${there} p
    LEFT JOIN (${plainEvents(scope, source, inputs, by, least)}) v
      ON ${sql.join([same, ...countedBefore(scope, source, given)], sql` AND `)}
  `
  return sql`(${withSummed(scope.leaves, inputs, rows)}) v`
}

/** The events `v` of a window along a meter, each with its feature time `t` where there are several. */
function meteredEvents(scope: Scope, source: EventsPlan, given: ScannedEvents & { readonly meter: Input }): Sql {
  const { meter, inside } = given
  const { leaves } = scope
  const inputs = [...given.inputs.filter(({ id }) => id !== meter.id), meter]
  const single = scope.first === scope.last
  const keys = keyColumns(scope)
  const owner = keys.length === 0 ? ['e'] : keys
  const metered = (rows: Sql): Sql => {
    const counted = sql`SELECT v.* FROM (${rows}) v WHERE ${inside ?? sql`TRUE`}`
    return sql`(${withSummed(leaves, given.inputs, counted)}) v`
  }
  if (source.knownAt === null) {
    const events = plainEvents(scope, source, inputs, keys.length === 0 ? 'entity' : 'keys')
    const points = { us: pointOf(scope), table: single ? undefined : instantsOf(scope), perOwner: false }
    return metered(belowNewestAt({ leaves, events, owner, reading: meter.id }, points))
  }
  const points = new PointEdges(scope, pointOf(scope))
  const before = eventsBefore(scope, source, { inputs, inside: undefined, from: undefined, points }, plainEvents)
  const events = sql`SELECT v.*${single ? sql`` : sql`, p.t AS t`} FROM ${before}`
  const partition = single ? owner : [...owner, 't']
  return metered(belowNewest({ leaves, events, owner: partition, reading: meter.id }))
}

/** The table of feature times. */
export function instantsOf({ instants, view }: Scope): Sql {
  if (instants === undefined) throw new Error(`view ${view.name} has no table of its feature times`)
  return sql.id(instants)
}
