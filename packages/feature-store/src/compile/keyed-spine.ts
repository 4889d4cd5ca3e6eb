import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { gridInstants, servedFeatureTime } from '../plan/time/grid.ts'
import { gridOf, type ViewPlan } from '../plan/view-plan.ts'
import { keyAlias } from '../vocabulary/algebra/frame.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { numberedEntities } from './entities.ts'
import { instantsSql } from './instants.ts'
import { temporaryPrefix, type TemporaryTable } from './temporary-tables.ts'

/** The column of a staged spine with its times in µs; no column of a user has such a name. */
export const SPINE_MICROS = 'spine__us'

/**
 * A spine that has been checked: temporary table `table` with `spine_row`, {@link SPINE_MICROS} (time, µs) and the
 * key columns.
 */
export interface CheckedSpine {
  readonly table: string
  readonly rows: number
  readonly columns: readonly string[]
  /** The IANA zone by whose clock its times are read. @default UTC */
  readonly zone?: string
  readonly first: bigint
  readonly last: bigint
}

interface SpineEntity {
  readonly name: string
  readonly keys: readonly string[]
}

interface SpineTime {
  readonly name: string
  readonly view: ViewPlan
}

/** The spine with every entity's number and every feature time that its views need, each made once. */
export class KeyedSpine {
  readonly #leaves: Leaves
  readonly #spine: CheckedSpine
  readonly #prefix: string = temporaryPrefix()
  readonly #entities = new Map<string, SpineEntity>()
  readonly #times = new Map<string, SpineTime>()

  constructor(leaves: Leaves, spine: CheckedSpine) {
    this.#leaves = leaves
    this.#spine = spine
  }

  get table(): Sql {
    return sql.id(`${this.#prefix}_keyed`)
  }

  /** The column that holds the entity's number. */
  entity(entity: ViewPlan['entity']): Sql {
    return sql.id(this.#entity(entity).name)
  }

  entityTable(entity: ViewPlan['entity']): string {
    return `${this.#prefix}_${this.#entity(entity).name}`
  }

  /** The column that holds the served feature time. */
  time(view: ViewPlan): Sql {
    return sql.id(this.#time(view).name)
  }

  /** The table of a local clock's feature times. */
  gridTable(view: ViewPlan): string | undefined {
    return view.grid.zone === 'UTC' ? undefined : `${this.#prefix}_grid_${this.#time(view).name}`
  }

  #time(view: ViewPlan): SpineTime {
    const id = JSON.stringify([view.grid, view.delay])
    const known = this.#times.get(id) ?? { name: `t${this.#times.size}`, view }
    this.#times.set(id, known)
    return known
  }

  #entity(entity: ViewPlan['entity']): SpineEntity {
    const keys = entity.keys.map((key) => key.name)
    const id = JSON.stringify(keys)
    const known = this.#entities.get(id) ?? { name: `e${this.#entities.size}`, keys }
    this.#entities.set(id, known)
    return known
  }

  /** The tables to make, in order; call it when every view has asked for what it needs. */
  get tables(): readonly TemporaryTable[] {
    const entities = [...this.#entities.values()].map((entity) => this.#entityTable(entity))
    const zoned = [...this.#times.values()].filter(({ view }) => view.grid.zone !== 'UTC')
    const grids = zoned.map((time) => this.#gridTable(time))
    const rows = zoned.reduce((sofar, time) => this.#withLocalTime(sofar, time), this.#rows())
    return [...entities, ...grids, { name: this.table, rows }]
  }

  #entityTable({ name, keys }: SpineEntity): TemporaryTable {
    const given = keys.map((key, index) => sql`${sql.id(key)} AS ${sql.id(keyAlias(index))}`)
    const distinct = sql`SELECT DISTINCT ${sql.join(given)} FROM ${sql.id(this.#spine.table)}`
    return { name: sql.id(`${this.#prefix}_${name}`), rows: numberedEntities(this.#leaves, keys.length, distinct) }
  }

  #gridTable({ name, view }: SpineTime): TemporaryTable {
    const from = servedFeatureTime(gridOf(view), view.delay, this.#spine.first)
    const instants = gridInstants(gridOf(view), from, this.#spine.last + 1n)
    return { name: sql.id(`${this.#prefix}_grid_${name}`), rows: instantsSql(this.#leaves, instants) }
  }

  /** The spine's rows with numbers and with the feature times of grids on UTC. */
  #rows(): Sql {
    const numbers = [...this.#entities.values()].map(({ name }) => sql`${sql.id(name, 'e')} AS ${sql.id(name)}`)
    const joins = [...this.#entities.values()].map(({ name, keys }) => {
      const same = keys.map((key, index) => sql`${sql.id(name, keyAlias(index))} = ${sql.id('s', key)}`)
      const on = keys.length === 0 ? sql`TRUE` : sql.join(same, sql` AND `)
      return sql` JOIN ${sql.id(`${this.#prefix}_${name}`)} ${sql.id(name)} ON ${on}`
    })
    const times = [...this.#times.values()].flatMap(({ name, view }) => {
      const { every, zone } = gridOf(view)
      if (zone !== 'UTC') return []
      const reach = sql`${sql.id('s', SPINE_MICROS)} - ${integer(view.delay)}`
      return [sql`${this.#leaves.floorDivide(reach, every)} * ${integer(every)} AS ${sql.id(name)}`]
    })
    return sql`
      SELECT ${sql.join([sql`s.spine_row AS spine_row`, sql`${sql.id('s', SPINE_MICROS)} AS us`, ...numbers, ...times])}
      FROM ${sql.id(this.#spine.table)} s${sql.join(joins, sql``)}
    `
  }

  #withLocalTime(rows: Sql, { name, view }: SpineTime): Sql {
    const joined = this.#leaves.asofJoin({
      left: sql`(${rows}) r`,
      right: sql`(SELECT t AS instant FROM ${sql.id(`${this.#prefix}_grid_${name}`)}) g`,
      on: [],
      match: { left: sql`r.us - ${integer(view.delay)}`, operator: '>=', right: sql`g.instant` },
    })
    return sql`SELECT r.*, g.instant AS ${sql.id(name)} FROM ${joined}`
  }
}
