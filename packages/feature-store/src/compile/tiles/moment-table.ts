import { createHash } from 'node:crypto'
import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Micros } from '../../plan/feature-plan.ts'
import type { EntityPlan, EventsPlan } from '../../plan/source-plan.ts'
import { tileMoment, type Moment } from '../../vocabulary/algebra/moments.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { scanKeyed } from '../../vocabulary/sources/scan.ts'
import { whereTrue } from '../where-true.ts'

/**
 * Moments of one fact by one entity on tiles of one length, kept in the warehouse. Its name is the hash of what it
 * holds, so every window of every view on the same fact reads the same table.
 */
export interface MomentTable {
  readonly table: string
  /** What the names of all tables on this fact, entity and tile begin with, whatever moments they hold. */
  readonly base: string
  readonly fact: EventsPlan
  readonly entity: EntityPlan
  readonly grain: Micros
  readonly moments: readonly Moment[]
}

/** The name of a moment's column: the hash of what it aggregates. */
export function momentColumn({ kind, input }: Moment): string {
  return `${kind.toLowerCase()}_${digest([input.column, input.where]).slice(0, 12)}`
}

/** The column with the number of a tile, unless a key column has that name. */
export function tileColumn({ keys }: EntityPlan): string {
  return keys.some(({ name }) => name === 'tile') ? 'tile__' : 'tile'
}

export function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/**
 * `(key columns, tile, moments)` of all events, times measured from the start of their tile, with `from <= event time
 * < to`; both are tile boundaries, or `from` is null.
 */
export function momentRows(leaves: Leaves, table: MomentTable, from: bigint | null, to: bigint): Sql {
  const { fact, entity, grain } = table
  const aliases = entity.keys.map((_, index) => keyAlias(index))
  const column = (name: string): Sql => sql.id('f', name)
  const inputs = [...new Map(table.moments.map((moment) => [moment.input.id, moment.input])).values()]
  const values = inputs.map((input) => {
    const value = input.column === null ? sql`1` : column(input.column)
    return sql`${whereTrue(leaves, fact, input, value, column)} AS ${sql.id(input.id)}`
  })
  const time = column(fact.eventTime)
  const since = from === null ? [] : [sql`${time} >= ${leaves.timestamp(from)}`]
  const where = [
    ...since,
    sql`${time} < ${leaves.timestamp(to)}`,
    ...aliases.map((alias) => sql`${column(alias)} IS NOT NULL`),
  ]
  const keys = entity.keys.map(({ name }, index) => sql`${sql.id('t', keyAlias(index))} AS ${sql.id(name)}`)
  const tile = leaves.floorDivide(sql`us`, grain)
  const sequence = fact.sequence === null ? sql`0` : column(fact.sequence)
  const us = sql`${leaves.epochMicros(time)} AS us`
  const events = sql`
    SELECT ${sql.join([...aliases.map(column), us, sql`${sequence} AS sequence`, ...values])}
    FROM (${scanKeyed(leaves, fact, entity)}) f
    WHERE ${sql.join(where, sql` AND `)}
  `
  // The table is made from this query: without the cast Snowflake would give the sum one digit more.
  const tiled = sql`
    SELECT v.*, CAST(${tile} + 1 AS ${leaves.columnType('bigint')}) AS tile, us - ${tile} * ${integer(grain)} AS tau
    FROM (${events}) v
  `
  const moments = table.moments.map((moment) => sql`${tileMoment(leaves, moment)} AS ${sql.id(momentColumn(moment))}`)
  return sql`
    SELECT ${sql.join([...keys, sql`t.tile AS ${sql.id(tileColumn(entity))}`, ...moments])}
    FROM (${tiled}) t
    GROUP BY ${sql.join([...aliases.map((alias) => sql.id('t', alias)), sql`t.tile`])}
  `
}
