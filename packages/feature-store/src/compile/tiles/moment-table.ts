import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { canonicalHash } from '../../plan/canonical-json.ts'
import type { Micros } from '../../plan/feature-plan.ts'
import type { EntityPlan, EventsPlan } from '../../plan/source-plan.ts'
import { inputName } from '../../vocabulary/algebra/input.ts'
import { tileMoment, type Moment } from '../../vocabulary/algebra/moments.ts'
import { summedColumns } from '../../vocabulary/algebra/summed-columns.ts'
import { integer } from '../../vocabulary/algebra/integer.ts'
import { keyAlias } from '../../vocabulary/algebra/frame.ts'
import { scanEvents } from '../../vocabulary/sources/event-rows.ts'
import { withComputed } from '../../vocabulary/sources/computed-rows.ts'
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
  /** The fact's columns that the tiles' checksums cover, besides its keys and times: all that the views read. */
  readonly checked: readonly string[]
}

/** The name of a moment's column: the hash of what it aggregates. */
export function momentColumn({ kind, input }: Moment): string {
  return `${kind.toLowerCase()}_${canonicalHash(inputName(input)).slice(0, 12)}`
}

/** The column with the number of a tile, unless a key column has that name. */
export function tileColumn({ keys }: EntityPlan): string {
  return keys.some(({ name }) => name === 'tile') ? 'tile__' : 'tile'
}

/** The columns that say of which facts a tile is made: their number, and the sum of their hashes. */
export function checkColumns({ keys }: EntityPlan): { readonly events: string; readonly checksum: string } {
  const free = (name: string): string => (keys.some((key) => key.name === name) ? `${name}__` : name)
  return { events: free('events'), checksum: free('checksum') }
}

/** All columns of a table of tiles, keys and tile first. */
export function tileColumns({ entity, moments }: MomentTable): readonly string[] {
  const { events, checksum } = checkColumns(entity)
  return [...entity.keys.map(({ name }) => name), tileColumn(entity), ...moments.map(momentColumn), events, checksum]
}

/** The fact's rows that tiles are made of: before `to` and, unless it is null, from `from` on, with all of their keys. */
export function tiledFacts(
  leaves: Leaves,
  { fact, entity, moments }: MomentTable,
  from: bigint | null,
  to: bigint,
): TiledFacts {
  const inputs = moments.map(({ input }) => input)
  const column = (name: string): Sql => sql.id('f', name)
  const time = column(fact.eventTime)
  const since = from === null ? [] : [sql`${time} >= ${leaves.timestamp(from)}`]
  const where = [
    ...since,
    sql`${time} < ${leaves.timestamp(to)}`,
    ...entity.keys.map((_, index) => sql`${column(keyAlias(index))} IS NOT NULL`),
  ]
  return {
    us: leaves.epochMicros(time),
    column,
    rows: sql`(${withComputed({ leaves, entity }, fact, scanEvents(leaves, fact, entity), inputs)}) f WHERE ${sql.join(where, sql` AND `)}`,
  }
}

interface TiledFacts {
  /** The event time, µs. */
  readonly us: Sql
  readonly column: (name: string) => Sql
  /** What stands behind FROM. */
  readonly rows: Sql
}

/** A sum of checksums or of facts' hashes as it is compared and stored: the remainder that fits into 64 bits. */
export function checksumOf(sum: Sql): Sql {
  return sql`MOD(${sum}, ${integer(2n ** 63n)})`
}

/** One fact's part of its tile's checksum. */
export function factHash(leaves: Leaves, { fact, entity, checked }: MomentTable, { us, column }: TiledFacts): Sql {
  const sequence = fact.sequence === null ? [] : [column(fact.sequence)]
  const keys = entity.keys.map((_, index) => column(keyAlias(index)))
  return leaves.rowHash(...keys, us, ...sequence, ...checked.map(column))
}

/**
 * `(key columns, tile, moments, number and checksum of the events)` of all events, times measured from the start of
 * their tile, with `from <= event time < to`; both are tile boundaries, or `from` is null. `tiles` leaves tiles out.
 */
export function momentRows(
  leaves: Leaves,
  table: MomentTable,
  from: bigint | null,
  to: bigint,
  tiles: (tile: Sql, keys: readonly Sql[]) => Sql | undefined = () => undefined,
): Sql {
  const { fact, entity, grain } = table
  const aliases = entity.keys.map((_, index) => keyAlias(index))
  const facts = tiledFacts(leaves, table, from, to)
  const { column } = facts
  const inputs = [...new Map(table.moments.map((moment) => [moment.input.id, moment.input])).values()]
  const values = inputs.map((input) => {
    const value = input.column === null ? sql`1` : column(input.column)
    return sql`${whereTrue(leaves, fact, input, value, column)} AS ${sql.id(input.id)}`
  })
  const keys = entity.keys.map(({ name }, index) => sql`${sql.id('t', keyAlias(index))} AS ${sql.id(name)}`)
  const tile = leaves.floorDivide(sql`us`, grain)
  const sequence = fact.sequence === null ? sql`0` : column(fact.sequence)
  const hash = sql`${factHash(leaves, table, facts)} AS fact_hash`
  const events = sql`
    SELECT ${sql.join([...aliases.map(column), sql`${facts.us} AS us`, sql`${sequence} AS sequence`, hash, ...values])}
    FROM ${facts.rows}
  `
  // The table is made from this query: without the cast Snowflake would give the sum one digit more.
  const tiled = sql`
    SELECT ${sql.join([sql`v.*`, ...summedColumns(leaves, inputs)])},
      CAST(${tile} + 1 AS ${leaves.columnType('bigint')}) AS tile,
      us - ${tile} * ${integer(grain)} AS tau
    FROM (${events}) v
  `
  const moments = table.moments.map((moment) => sql`${tileMoment(leaves, moment)} AS ${sql.id(momentColumn(moment))}`)
  const names = checkColumns(entity)
  const checks = [
    sql`COUNT(*) AS ${sql.id(names.events)}`,
    sql`CAST(${checksumOf(sql`SUM(t.fact_hash)`)} AS ${leaves.columnType('bigint')}) AS ${sql.id(names.checksum)}`,
  ]
  const wanted = tiles(
    sql`t.tile`,
    aliases.map((alias) => sql.id('t', alias)),
  )
  return sql`
    SELECT ${sql.join([...keys, sql`t.tile AS ${sql.id(tileColumn(entity))}`, ...moments, ...checks])}
    FROM (${tiled}) t${wanted === undefined ? sql`` : sql` WHERE ${wanted}`}
    GROUP BY ${sql.join([...aliases.map((alias) => sql.id('t', alias)), sql`t.tile`])}
  `
}
