import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { EventsPlan } from '../plan/source-plan.ts'
import type { Input } from '../vocabulary/algebra/input.ts'
import { summedColumns } from '../vocabulary/algebra/summed-columns.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { entityTable, keyColumns, keysOf, sameEntity } from '../vocabulary/algebra/frame.ts'
import { boundary, type Scope } from './scope.ts'
import { needsHistory, withComputed } from '../vocabulary/sources/computed-rows.ts'
import { whereTrue } from './where-true.ts'
import { scanEvents } from '../vocabulary/sources/event-rows.ts'

const FOR_EVER = 2n ** 63n - 1n

/**
 * The fact's events before the last feature time, and none before `from` (µs, or a query of them) where it is given: key
 * aliases (or `e`), `us` (event time, µs), `known` when the fact has an arrival time, `until` (µs) when its rows are
 * intervals, `sequence`, and one column per input.
 */
export function eventsSql(
  scope: Scope,
  fact: EventsPlan,
  inputs: readonly Input[],
  by: 'keys' | 'entity',
  from?: bigint | Sql,
): Sql {
  return withSummed(scope.leaves, inputs, plainEvents(scope, fact, inputs, by, from))
}

/** The same without the columns that sums are made from: those cost more than to join an event with a point. */
export function plainEvents(
  scope: Scope,
  fact: EventsPlan,
  inputs: readonly Input[],
  by: 'keys' | 'entity',
  from?: bigint | Sql,
): Sql {
  const { leaves } = scope
  const column = (name: string): Sql => sql.id('f', name)
  const values = inputs.map((input) => {
    const value = input.column === null ? sql`1` : column(input.column)
    return sql`${whereTrue(leaves, fact, input, value, column)} AS ${sql.id(input.id)}`
  })
  const time = leaves.epochMicros(column(fact.eventTime))
  const owner = by === 'keys' ? keysOf(scope, 'f') : sql`n.e AS e`
  const list = [
    owner,
    sql`${time} AS us`,
    sql`${fact.sequence === null ? sql`0` : column(fact.sequence)} AS sequence`,
    ...values,
  ]
  if (fact.knownAt !== null) list.push(sql`${leaves.epochMicros(column(fact.knownAt))} AS known`)
  if (fact.end !== undefined)
    list.push(sql`COALESCE(${leaves.epochMicros(column(fact.end))}, ${integer(FOR_EVER)}) AS until`)
  const join = by === 'keys' ? sql`` : sql` JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'f')}`
  const late = from === undefined ? undefined : leaves.mayBeFrom(sql.id(fact.eventTime), from)
  const first = typeof from === 'bigint' ? leaves.timestamp(from) : from && leaves.fromEpochMicros(from)
  const since = first === undefined ? sql`` : sql` AND ${column(fact.eventTime)} >= ${first}`
  const scan = (where?: Sql): Sql => scanEvents(leaves, fact, scope.view.entity, undefined, where)
  const rows = withComputed(scope, fact, needsHistory(inputs) ? history(scope, fact, scan(), by) : scan(late), inputs)
  const events = sql`
    SELECT ${sql.join(list)}
    FROM (${rows}) f${join}
    WHERE ${column(fact.eventTime)} < ${leaves.timestamp(scope.last)}${since}
  `
  return events
}

/** Events `rows` with the columns that sums are made from. */
export function withSummed(leaves: Leaves, inputs: readonly Input[], rows: Sql): Sql {
  const fixed = summedColumns(leaves, inputs)
  return fixed.length === 0 ? rows : sql`SELECT x.*, ${sql.join(fixed)} FROM (${rows}) x`
}

/** All events before the last feature time, of wanted entities: what an event has of the one before it needs both. */
function history(scope: Scope, fact: EventsPlan, rows: Sql, by: 'keys' | 'entity'): Sql {
  const join = by === 'keys' ? sql`` : sql` JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'f')}`
  return sql`
    SELECT f.*
    FROM (${rows}) f${join}
    WHERE ${sql.id('f', fact.eventTime)} < ${scope.leaves.timestamp(scope.last)}
  `
}

/** The tile boundary at which an event starts to count; everything older than `low` is gathered there. */
export function tileOf(scope: Scope, us: Sql, low: bigint): Sql {
  return scope.leaves.greatest(sql`${scope.leaves.floorDivide(us, scope.grain)} + 1`, integer(low))
}

/**
 * Groups events into `(e, j, …)`: `columns` are aggregates over the events columns, with `tau` (µs from the origin).
 * Groups by key first and numbers the groups after, unless few entities are wanted.
 */
export function groupEvents(
  scope: Scope,
  fact: EventsPlan,
  inputs: readonly Input[],
  columns: readonly { readonly id: string; readonly value: Sql }[],
  low: bigint,
): Sql {
  const origin = (scope.first + scope.last) / 2n
  const by = scope.fewEntities || keyColumns(scope).length === 0 ? 'entity' : 'keys'
  const values = columns.map(({ id, value }) => sql`${value} AS ${sql.id(id)}`)
  const source = sql`
    SELECT *, us - ${integer(origin)} AS tau, ${tileOf(scope, sql`us`, low)} AS j
    FROM (${eventsSql(scope, fact, inputs, by)}) v
  `
  if (by === 'entity') return sql`SELECT ${sql.join([sql`e`, sql`j`, ...values])} FROM (${source}) g GROUP BY e, j`
  const grouped = sql`
    SELECT ${sql.join([keysOf(scope, 'g'), sql`j`, ...values])}
    FROM (${source}) g
    GROUP BY ${keysOf(scope, 'g')}, j
  `
  const carried = columns.map(({ id }) => sql.id('h', id))
  return sql`
    SELECT ${sql.join([sql`n.e AS e`, sql`h.j AS j`, ...carried])}
    FROM (${grouped}) h
    JOIN ${entityTable(scope)} n ON ${sameEntity(scope, 'n', 'h')}
  `
}

/** The lowest tile boundary a plan that looks back `reach` tiles has to tell apart. */
export function lowBoundary(scope: Scope, reach: number): bigint {
  return boundary(scope, scope.first) - BigInt(reach)
}
