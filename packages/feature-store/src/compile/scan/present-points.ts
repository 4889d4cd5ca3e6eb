import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { eventsSql } from '../events.ts'
import { PointEdges } from '../points/point-edges.ts'
import type { Scope } from '../scope.ts'
import { eventsBefore, instantsOf, ownerAndTime, pointOf } from './scanned-window.ts'

/** `(e, t, keys)`: every entity at every feature time before which it has an event that had arrived. */
export function presentPoints(scope: Scope, source: EventsPlan): Sql {
  const keys = keyColumns(scope)
  const single = scope.first === scope.last
  const names = keys.length === 0 ? [] : [keysOf(scope, 'n')]
  if (single && keys.length > 0 && source.knownAt === null) {
    // Whoever has an event before the last feature time is in the table of entities, and there is no other.
    return sql`SELECT ${sql.join([sql`n.e AS e`, timeOf(scope), ...names])} FROM ${entityTable(scope)} n`
  }
  const seen = source.knownAt === null ? firstSeen(scope, source) : arrived(scope, source)
  if (keys.length === 0) return seen
  return sql`
    SELECT ${sql.join([sql`n.e AS e`, sql`s.t AS t`, ...names])}
    FROM (${seen}) s
    JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 's')}
  `
}

/** By the first event of each entity. */
function firstSeen(scope: Scope, source: EventsPlan): Sql {
  const keys = keyColumns(scope)
  const owner = keys.length === 0 ? sql`v.e` : keysOf(scope, 'v')
  const events = eventsSql(scope, source, [], keys.length === 0 ? 'entity' : 'keys')
  const first = sql`SELECT ${owner}, MIN(v.us) AS seen FROM (${events}) v GROUP BY ${owner}`
  const carried = keys.length === 0 ? sql`f.e AS e` : keysOf(scope, 'f')
  if (scope.first === scope.last)
    return sql`SELECT ${carried}, ${timeOf(scope)} FROM (${first}) f WHERE f.seen < ${integer(scope.first)}`
  return sql`SELECT ${carried}, p.t AS t FROM (${first}) f JOIN ${instantsOf(scope)} p ON f.seen < p.t`
}

function arrived(scope: Scope, source: EventsPlan): Sql {
  const points = new PointEdges(scope, pointOf(scope))
  const time = scope.first === scope.last ? sql`, ${timeOf(scope)}` : sql``
  return sql`
    SELECT ${ownerAndTime(scope)}${time}
    FROM ${eventsBefore(scope, source, { inputs: [], inside: undefined, from: undefined, points })}
    GROUP BY ${ownerAndTime(scope)}
  `
}

function timeOf(scope: Scope): Sql {
  return sql`CAST(${pointOf(scope)} AS ${scope.leaves.columnType('bigint')}) AS t`
}
