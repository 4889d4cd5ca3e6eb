import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { Micros } from '../plan/feature-plan.ts'
import { floorDivide } from '../plan/time/grid.ts'
import { gridOf, type ViewPlan } from '../plan/view-plan.ts'
import type { Frame } from '../vocabulary/algebra/frame.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { grainOf } from '../vocabulary/grain.ts'
import type { MomentTable } from './tiles/moment-table.ts'

/**
 * Where the values of one view are computed: for whom, at which feature times, by which plan, under which table
 * names.
 */
export interface Scope extends Frame {
  readonly view: ViewPlan
  /** Prefix of the temporary tables; unique per compilation. */
  readonly prefix: string
  /** The length of a tile. */
  readonly grain: Micros
  /** The earliest and latest feature time wanted, µs. */
  readonly first: bigint
  readonly last: bigint
  /** Whether every entity is wanted at every feature time, or only the points of the point table. */
  readonly points: 'every' | 'some'
  /**
   * Look values up on every tile boundary (dense), only at the points wanted (sparse), or join points with their
   * events (direct). For few feature times all events are aggregated for each of them (scan).
   */
  readonly lookup: 'dense' | 'sparse' | 'direct' | 'scan'
  /**
   * With arrival times: answer windows from logs of what has entered, or by joining points with the events of their
   * windows.
   */
  readonly arrivals: 'logs' | 'join'
  /** Join entities before grouping events: right when few of the fact's entities are wanted. */
  readonly fewEntities: boolean
  /**
   * The table of the grid's instants `(t)`: for a local clock, whose feature times are not multiples of `every`, and for
   * a scan.
   */
  readonly instants: string | undefined
  /** Read tiles from this stored table instead of the fact. */
  readonly moments: MomentTable | undefined
  /** Whether the entities are all that may have a row. */
  readonly everybody: boolean
  /** The feature table of a view that is read, where it has all rows of these feature times. */
  readonly stored: StoredRows | undefined
}

/** Finds the table that has all rows of a view between two feature times, both of them inclusive; undefined: none has. */
export type StoredRows = (view: ViewPlan, times: { readonly first: bigint; readonly last: bigint }) => Sql | undefined

/** Above so many tiles per feature time, values are looked up at the feature times only. */
export const SPARSE_BEYOND = 8

type Given = Pick<Scope, 'prefix' | 'entities' | 'first' | 'last' | 'lookup'> &
  Partial<
    Pick<Scope, 'grain' | 'points' | 'arrivals' | 'fewEntities' | 'instants' | 'moments' | 'everybody' | 'stored'>
  >

/** The scope of a view, with what is not given as it mostly is: tiles from the fact, of all entities, on UTC. */
export function scopeOf(leaves: Leaves, view: ViewPlan, given: Given): Scope {
  return {
    leaves,
    view,
    entity: view.entity,
    grain: given.grain ?? grainOf(view),
    points: 'every',
    arrivals: 'logs',
    fewEntities: false,
    instants: undefined,
    moments: undefined,
    everybody: false,
    stored: undefined,
    ...given,
  }
}

/** `(e, t, j)`: the entities and feature times wanted; j is t in tiles. Exists only where a plan needs it. */
export function pointTable(scope: Scope): Sql {
  return sql.id(`${scope.prefix}_point`)
}

/** The tile boundary of a feature time. */
export function boundary(scope: Scope, t: bigint): bigint {
  return floorDivide(t, BigInt(scope.grain))
}

/** `t` at a tile boundary `j`. */
export function timeOfBoundary(scope: Scope, j: Sql): Sql {
  return sql`(${j} * ${integer(scope.grain)})`
}

/** Keeps the boundaries that are feature times: `t` of `boundaries`, before anything is computed of them. */
export function onGrid(scope: Scope, boundaries: Sql): Sql {
  const { grain, instants, view } = scope
  if (instants !== undefined)
    return sql`SELECT b.* FROM (${boundaries}) b WHERE b.t IN (SELECT t FROM ${sql.id(instants)})`
  const { every } = gridOf(view)
  return every === grain ? boundaries : sql`SELECT b.* FROM (${boundaries}) b WHERE b.t % ${integer(every)} = 0`
}
