import { isWideDecimal, sql, type ColumnBatch, type ColumnType, type Leaves, type Sql } from '@martlet/warehouse'
import { plainEvents } from '../compile/events.ts'
import { scopeOf, type Scope } from '../compile/scope.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { columnType } from '../vocabulary/sources/computed.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import type { Value } from '../vocabulary/algebra/value.ts'
import { cellValues } from './cell-value.ts'
import type { ContinuousEvent } from './continuous-event.ts'
import type { StateLayout } from './layout.ts'
import { firstTile, type Border } from './summary.ts'

/** The column of the position up to which pushed events are in the warehouse. */
export const DRAINED = '~drained'

/** The end of the year 9999, µs: no event of a warehouse is later. */
const NEWEST = 253_402_300_799_999_999n

/**
 * Every event that a base of a view needs, one entity after the other: those that its windows reach, those that have not
 * happened or arrived by the border, and of all older ones the newest, as `old`. Columns: the keys by their names, then
 * those of {@link readBaseEvents}, and {@link DRAINED} where `drained` is given.
 */
export function baseEventsSql(leaves: Leaves, layout: StateLayout, border: Border, drained?: Sql): Sql {
  const { view, inputs } = layout
  const events = withKeys(scopeFor(leaves, layout), layout)
  const since = sinceOf(layout)
  const from = reachedFrom(layout, border.closedAt)
  const keys = view.entity.keys.map((_, index) => sql.id(keyAlias(index)))
  const values = [sql`us`, sql`${since} AS since`, sql`sequence`, ...inputs.map(({ id }) => sql.id(id))]
  const all = sql`SELECT ${sql.join([...keys, sql`FALSE AS old`, ...values])} FROM (${events}) v`
  const reached = sql`${all} WHERE us >= ${integer(from ?? 0n)} OR ${since} > ${integer(border.by)}`
  const rows =
    from === null ? all : sql`${reached} UNION ALL ${olderOf(leaves, layout, { events, since, keys, from, border })}`
  const named = view.entity.keys.map(({ name, type }, index) => {
    const key = sql.id('r', keyAlias(index))
    return sql`${storedKey(leaves, key, type)} AS ${sql.id(name)}`
  })
  const position = drained === undefined ? [] : [sql`${drained} AS ${sql.id(DRAINED)}`]
  const read = ['old', 'us', 'since', 'sequence', ...inputs.map(({ id }) => id)]
  return sql`
    SELECT ${sql.join([...named, ...position, ...read.map((name) => sql`${sql.id('r', name)} AS ${sql.id(`~${name}`)}`)])}
    FROM (${rows}) r
    ORDER BY ${sql.join(view.entity.keys.map((_, index) => sql.id('r', keyAlias(index))))}
  `
}

/** A key as online keys are made from it: exact text where a batch would hold a rounded double. */
function storedKey(leaves: Leaves, key: Sql, type: ColumnType): Sql {
  if (isWideDecimal(type)) return sql`CAST(${key} AS ${leaves.columnType('text')})`
  return typeof type === 'object' ? leaves.toDouble(key) : key
}

interface Older {
  readonly events: Sql
  readonly since: Sql
  readonly keys: readonly Sql[]
  readonly from: bigint
  readonly border: Border
}

function olderOf(leaves: Leaves, { fact, inputs }: StateLayout, { events, since, keys, from, border }: Older): Sql {
  const sequence = fact.sequence === null ? 'integer' : columnType(fact, {}, fact.sequence)
  const nothing = (type: Parameters<Leaves['columnType']>[0]): Sql => sql`CAST(NULL AS ${leaves.columnType(type)})`
  const newest = sql`MAX(us)`
  const none = [nothing(sequence), ...inputs.map(({ type }) => nothing(type))]
  return sql`
    SELECT ${sql.join([...keys, sql`TRUE`, newest, newest, ...none])}
    FROM (${events}) v
    WHERE us < ${integer(from)} AND ${since} <= ${integer(border.by)}
    GROUP BY ${sql.join(keys)}
  `
}

/** The newest event of a fact that had happened and arrived by an instant (µs), as one row `(newest)`. */
export function newestEventSql(leaves: Leaves, layout: StateLayout, by: bigint): Sql {
  const events = withKeys(scopeFor(leaves, layout), layout)
  return sql`SELECT MAX(us) AS newest FROM (${events}) v WHERE ${sinceOf(layout)} <= ${integer(by)}`
}

/** The keys of all entities with an event that a base may have, by their names, each once. */
export function basedKeysSql(leaves: Leaves, layout: StateLayout): Sql {
  const events = withKeys(scopeFor(leaves, layout), { ...layout, inputs: [] })
  const keys = layout.view.entity.keys.map(({ name }, index) => sql`${sql.id(keyAlias(index))} AS ${sql.id(name)}`)
  return sql`SELECT DISTINCT ${sql.join(keys)} FROM (${events}) v`
}

function scopeFor(leaves: Leaves, { view }: StateLayout): Scope {
  return scopeOf(leaves, view, {
    prefix: 'continuous',
    entities: 'continuous_entity',
    first: NEWEST,
    last: NEWEST,
    lookup: 'direct',
    grain: 1,
  })
}

/** The events whose keys are all there, and that become known at some time. */
function withKeys(scope: Scope, { view, fact, inputs }: StateLayout): Sql {
  const there = view.entity.keys.map((_, index) => sql`${sql.id('e', keyAlias(index))} IS NOT NULL`)
  if (fact.knownAt !== null) there.push(sql`e.known IS NOT NULL`)
  const where = there.length === 0 ? sql`` : sql` WHERE ${sql.join(there, sql` AND `)}`
  return sql`SELECT e.* FROM (${plainEvents(scope, fact, inputs, 'keys')}) e${where}`
}

function sinceOf({ fact }: StateLayout): Sql {
  return fact.knownAt === null ? sql`us` : sql`known`
}

/** The first instant that a window reaches which is closed at an instant or later; null: all of them. */
function reachedFrom({ rings }: StateLayout, border: bigint): bigint | null {
  let earliest: bigint | null = border
  for (const ring of rings) {
    const tile = firstTile(ring, border)
    if (tile === null || ring.hop === null) return null
    const from = BigInt(tile) * ring.hop
    if (from < earliest) earliest = from
  }
  return earliest
}

/** One row of {@link baseEventsSql}. */
export interface BaseEvent extends ContinuousEvent {
  /** It stands for all events that no window reaches any more. */
  readonly old: boolean
}

/** Binds the columns of a batch of {@link baseEventsSql}. */
export function readBaseEvents(layout: StateLayout, batch: ColumnBatch): (row: number) => BaseEvent {
  const { fact, inputs } = layout
  const column = (name: string, type: Parameters<typeof cellValues>[1]): ((row: number) => Value) => {
    const vector = batch.columns[batch.names.indexOf(`~${name}`)]
    if (vector === undefined) throw new Error(`the events of a base have no column ${name}`)
    return cellValues(vector, type)
  }
  const old = column('old', 'boolean')
  const us = column('us', 'bigint')
  const since = column('since', 'bigint')
  const sequence = fact.sequence === null ? () => null : column('sequence', columnType(fact, {}, fact.sequence))
  const values = inputs.map(({ id, type }) => column(id, type))
  return (row) => ({
    old: old(row) === true,
    time: micros(us(row)),
    since: micros(since(row)),
    sequence: sequence(row),
    values: values.map((value) => value(row)),
  })
}

function micros(value: Value): bigint {
  return typeof value === 'bigint' ? value : 0n
}
