import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Micros } from '../plan/feature-plan.ts'
import type { ViewPlan } from '../plan/view-plan.ts'
import { floorDivide } from './grid.ts'
import { integer } from './integer.ts'
import type { MomentTable } from './moment-table.ts'
import { keyAlias } from './source-sql.ts'

/** Where the values of one view are computed: which entities, which feature times, under which table names. */
export interface Scope {
  readonly leaves: Leaves
  readonly view: ViewPlan
  /** Prefix of the temporary tables; unique per compilation. */
  readonly prefix: string
  /** `(e, key aliases)`: the entities wanted, numbered. */
  readonly entities: string
  readonly grain: Micros
  /** The earliest and latest feature time wanted, µs. */
  readonly first: bigint
  readonly last: bigint
  /** Look values up on every tile boundary (dense), only at the points wanted (sparse), or join points with their events (direct). */
  readonly lookup: 'dense' | 'sparse' | 'direct'
  /** With arrival times: answer windows from logs of what has entered, or by joining points with the events of their windows. */
  readonly arrivals: 'logs' | 'join'
  /** Join entities before grouping events: right when few of the fact's entities are wanted. */
  readonly fewEntities: boolean
  /** The table of the grid's instants `(t)`, for a local clock whose feature times are not multiples of `every`. */
  readonly instants: string | undefined
  /** Read tiles from this stored table instead of the fact. */
  readonly moments: MomentTable | undefined
}

export function entityTable(scope: Scope): Sql {
  return sql.id(scope.entities)
}

/** `(e, t, j)`: the entities and feature times wanted; j is t in tiles. Exists only where a plan needs it. */
export function pointTable(scope: Scope): Sql {
  return sql.id(`${scope.prefix}_point`)
}

/** The tile boundary of a feature time. */
export function boundary(scope: Scope, t: bigint): bigint {
  return floorDivide(t, BigInt(scope.grain))
}

/** The entity's key columns by the names that they have inside a statement. */
export function keyColumns(scope: Scope): readonly string[] {
  return scope.view.entity.keys.map((_, index) => keyAlias(index))
}

/** `left.k1 = right.k1 AND …` over the entity's key columns. */
export function sameEntity(scope: Scope, left: string, right: string): Sql {
  return sql.join(
    keyColumns(scope).map((key) => sql`${sql.id(left, key)} = ${sql.id(right, key)}`),
    sql` AND `,
  )
}

/** `alias.k1, alias.k2` */
export function keysOf(scope: Scope, alias: string): Sql {
  return sql.join(keyColumns(scope).map((key) => sql.id(alias, key)))
}

/** What to run first, and the query `(e, t, features)` with one row for every point that is in the view's population. */
export interface ViewValues {
  readonly prepare: readonly Sql[]
  readonly values: Sql
}

/** `t` at a tile boundary `j`. */
export function timeOfBoundary(scope: Scope, j: Sql): Sql {
  return sql`(${j} * ${integer(scope.grain)})`
}

export function createTable(table: Sql, query: Sql): Sql {
  const statement = sql`CREATE TEMPORARY TABLE ${table} AS ${query}`
  made.set(statement, table)
  return statement
}

const made = new WeakMap<Sql, Sql>()

/** Drops the temporary tables that these statements make, and no others: where every statement is a way to a server, each costs. */
export function dropTables(prepare: readonly Sql[]): readonly Sql[] {
  return prepare.flatMap((statement) => {
    const table = made.get(statement)
    return table === undefined ? [] : [sql`DROP TABLE IF EXISTS ${table}`]
  })
}

/** Keeps the boundaries that are feature times: `t` of `boundaries`, before anything is computed of them. */
export function onGrid(scope: Scope, boundaries: Sql): Sql {
  const { grain, instants, view } = scope
  if (instants !== undefined)
    return sql`SELECT b.* FROM (${boundaries}) b WHERE b.t IN (SELECT t FROM ${sql.id(instants)})`
  return view.grid.every === grain
    ? boundaries
    : sql`SELECT b.* FROM (${boundaries}) b WHERE b.t % ${integer(view.grid.every)} = 0`
}
