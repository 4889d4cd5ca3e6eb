import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { eventsSql } from '../events.ts'
import { isRanked, joinedDoubt, joinedValue } from '../joins/plain.ts'
import type { Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import type { WindowFeature } from '../window-feature.ts'

/**
 * Few feature times: every event is aggregated once for each of them, by key, and nothing is looked up. The cost does
 * not grow with the number of tiles that the windows span.
 */
export const scan: Strategy = {
  name: 'scan',
  applies: ({ lookup, instants }) => lookup === 'scan' && instants !== undefined,
  answers: (_, feature) => !isRanked(feature),
  values: (scope, events, features) => ({ tables: [], values: scannedValues(scope, events, features) }),
}

/** `(e, t, features)` of every entity with an event before t. */
function scannedValues(scope: Scope, source: EventsPlan, features: readonly WindowFeature[]): Sql {
  const { leaves, view, first, last } = scope
  // Of a single feature time the engine need not group by time.
  const point = first === last ? integer(first) : sql`p.t`
  const inputs = new TermSet()
  const columns = features.map(
    (feature) => sql`${joinedValue(leaves, source, inputs, feature, point)} AS ${sql.id(feature.name)}`,
  )
  const doubt = joinedDoubt(leaves, source, inputs, features, point)
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const owner = by === 'entity' ? sql`v.e` : keysOf(scope, 'v')
  const arrived = source.knownAt === null ? sql`` : sql` AND v.known <= ${point} + ${integer(view.delay)}`
  const events = sql`(${eventsSql(scope, source, inputs.inputs, by)}) v`
  const before = sql`v.us < ${point}${arrived}`
  const grouped = sql`
    SELECT ${sql.join([owner, sql`CAST(${point} AS ${leaves.columnType('bigint')}) AS t`, ...columns, ...doubt])}
    FROM ${first === last ? sql`${events} WHERE ${before}` : sql`${events} JOIN ${instantsOf(scope)} p ON ${before}`}
    GROUP BY ${first === last ? owner : sql`${owner}, p.t`}
  `
  if (by === 'entity') return grouped
  return sql`
    SELECT n.e AS e, h.*
    FROM (${grouped}) h
    JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'h')}
  `
}

function instantsOf({ instants, view }: Scope): Sql {
  if (instants === undefined) throw new Error(`view ${view.name} has no table of its feature times`)
  return sql.id(instants)
}
