import { sql, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../../plan/source-plan.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../../vocabulary/algebra/frame.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { DOUBT } from '../../vocabulary/algebra/rounding.ts'
import { TermSet } from '../../vocabulary/algebra/terms.ts'
import { windowKind } from '../../vocabulary/windows/list.ts'
import { eventsSql } from '../events.ts'
import { isRanked, joinedDoubt, joinedValue } from '../joins/plain.ts'
import type { Scope } from '../scope.ts'
import type { Strategy } from '../strategy.ts'
import { orEmpty, type WindowFeature } from '../window-feature.ts'

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
  const single = first === last
  const point = single ? integer(first) : sql`p.t`
  const inputs = new TermSet()
  const columns = features.map(
    (feature) => sql`${joinedValue(leaves, source, inputs, feature, point)} AS ${sql.id(feature.name)}`,
  )
  const doubt = joinedDoubt(leaves, source, inputs, features, point)
  const by = keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const owner = by === 'entity' ? sql`v.e` : keysOf(scope, 'v')
  const arrived = source.knownAt === null ? sql`` : sql` AND v.known <= ${point} + ${integer(view.delay)}`
  const from = by === 'keys' && source.knownAt === null ? windowsBegin(scope, features) : undefined
  const events = sql`(${eventsSql(scope, source, inputs.inputs, by, from)}) v`
  const before = sql`v.us < ${point}${arrived}`
  const time = sql`CAST(${point} AS ${leaves.columnType('bigint')}) AS t`
  const grouped = sql`
    SELECT ${sql.join([owner, ...(from === undefined ? [time] : []), ...columns, ...doubt])}
    FROM ${single ? sql`${events} WHERE ${before}` : sql`${events} JOIN ${instantsOf(scope)} p ON ${before}`}
    GROUP BY ${single ? owner : sql`${owner}, p.t`}
  `
  if (by === 'entity') return grouped
  if (from !== undefined) return everyEntity(scope, features, { grouped, time, doubted: doubt.length > 0 })
  return sql`
    SELECT n.e AS e, h.*
    FROM (${grouped}) h
    JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'h')}
  `
}

/**
 * Where the longest window of a single feature time begins. Whoever has an event before that time is in the table of
 * entities, so older events need not be read to know who has a row.
 */
function windowsBegin({ first, last }: Scope, features: readonly WindowFeature[]): bigint | undefined {
  if (first !== last) return undefined
  const reaches = features.flatMap(({ parts }) => parts.map(({ window }) => windowKind(window).reach(window)))
  let longest = 0
  for (const reach of reaches) {
    if (reach === null) return undefined
    longest = Math.max(longest, reach)
  }
  return first - BigInt(longest)
}

/** The rows of entities whose events are all older than the windows, too. */
function everyEntity(
  scope: Scope,
  features: readonly WindowFeature[],
  { grouped, time, doubted }: { readonly grouped: Sql; readonly time: Sql; readonly doubted: boolean },
): Sql {
  const [key] = keyColumns(scope)
  if (key === undefined) throw new Error(`view ${scope.view.name} has no keys to join by`)
  const values = features.map(
    (feature) => sql`${orEmpty(feature, sql.id('h', feature.name), sql.id('h', key))} AS ${sql.id(feature.name)}`,
  )
  const doubt = doubted ? [sql`COALESCE(${sql.id('h', DOUBT)}, FALSE) AS ${sql.id(DOUBT)}`] : []
  return sql`
    SELECT ${sql.join([sql`n.e AS e`, time, ...values, ...doubt])}
    FROM ${entityTable(scope)} n
    LEFT JOIN (${grouped}) h ON ${sameEntity(scope, 'n', 'h')}
  `
}

function instantsOf({ instants, view }: Scope): Sql {
  if (instants === undefined) throw new Error(`view ${view.name} has no table of its feature times`)
  return sql.id(instants)
}
