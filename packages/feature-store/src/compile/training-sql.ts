import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ServicePlan, ViewPlan } from '../plan/view-plan.ts'
import { grainOf } from './grain.ts'
import { gridInstants, servedFeatureTime } from './grid.ts'
import { compileLabel } from './label-sql.ts'
import type { MomentTable } from './moment-table.ts'
import { precomputedAsOf } from './precomputed-sql.ts'
import { keyAlias } from './source-sql.ts'
import { integer } from './integer.ts'
import { createTable, dropTables, pointTable, type Scope } from './scope.ts'
import { needsPoints, viewValues } from './view-values.ts'
import { areOffTiles } from './zone-step.ts'
import { freshPrefix, instantsSql, numbered, type CompiledRows } from './view-sql.ts'

/** The column of a staged spine with its times in µs, beside columns of whatever names. */
export const SPINE_MICROS = 'spine__us'

/** A spine that has been checked: temporary table `table` with `spine_row`, {@link SPINE_MICROS} (time, µs) and the key columns. */
export interface CheckedSpine {
  readonly table: string
  readonly rows: number
  readonly columns: readonly string[]
  readonly first: bigint
  readonly last: bigint
}

export interface TrainingOptions {
  /** Windows of labels that end after this instant (µs) have not closed. */
  readonly asOf: bigint
  /** `facts`: compute features at each feature time. `materialized`: join the feature tables. */
  readonly from: 'facts' | 'materialized'
  /** The feature table of a view, for `materialized`. */
  readonly featureTable: (view: ViewPlan) => Sql
  readonly lookup?: Scope['lookup']
  /** Stored tiles to read instead of the fact, where a view has them. */
  readonly moments?: (view: ViewPlan) => MomentTable | undefined
}

export interface CompiledTraining extends CompiledRows {
  /** What each statement of `prepare` is for: `spine`, `view usage`, `label next_day`. */
  readonly parts: readonly string[]
  readonly featureColumns: readonly string[]
  readonly labelColumns: readonly string[]
}

/** Up to so many spine rows, facts are cut to the spine's entities before they are grouped. */
const FEW = 1_000
/** Dense lookups fill every boundary of every entity: worth it up to so many boundaries for each spine row. */
const DENSE_BOUNDARIES_PER_ROW = 8n
const DENSE_BOUNDARIES_PER_INSTANT = 96

/**
 * One output row for every spine row, in order: the spine's columns, `view__feature` at the feature time that would
 * have been served at the row's time, then the labels.
 */
export function compileTraining(
  leaves: Leaves,
  service: ServicePlan,
  labels: readonly LabelPlan[],
  spine: CheckedSpine,
  options: TrainingOptions,
): CompiledTraining {
  const keyed = new KeyedSpine(leaves, spine)
  const prepare: Sql[] = []
  const parts: string[] = []
  const joins: Sql[] = []
  const columns: Sql[] = []
  const featureColumns: string[] = []
  for (const [i, { view, features }] of service.views.entries()) {
    const alias = `v${i}`
    const part = joinView(leaves, view, keyed, spine, options, alias)
    prepare.push(...part.prepare)
    parts.push(...part.prepare.map(() => `view ${view.name}`))
    joins.push(part.join)
    const age = sql`k.us - ${part.time}`
    for (const name of features) {
      const column = `${view.name}__${name}`
      const value = sql.id(alias, name)
      featureColumns.push(column)
      columns.push(
        sql`${view.ttl === null ? value : sql`CASE WHEN ${age} <= ${integer(view.ttl)} THEN ${value} END`} AS ${sql.id(column)}`,
      )
    }
  }
  for (const [i, label] of labels.entries()) {
    const prefix = freshPrefix()
    const compiled = compileLabel(
      leaves,
      label,
      { table: keyed.table, entity: keyed.entity(label.entity), entities: keyed.entityTable(label.entity) },
      { first: spine.first, last: spine.last, asOf: options.asOf },
      prefix,
    )
    prepare.push(...compiled.prepare)
    parts.push(...compiled.prepare.map(() => `label ${label.name}`))
    const alias = sql.id(`l${i}`)
    joins.push(sql` LEFT JOIN (${compiled.query}) ${alias} ON ${alias}.spine_row = k.spine_row`)
    columns.push(sql`${alias}.label AS ${sql.id(label.name)}`)
  }
  const spineColumns = spine.columns.map((name) => sql.id('s', name))
  const query = sql`
    SELECT ${sql.join([sql`s.spine_row AS spine_row`, ...spineColumns, ...columns])}
    FROM ${sql.id(spine.table)} s
    JOIN ${keyed.table} k ON k.spine_row = s.spine_row${sql.join(joins, sql``)}
  `
  const steps = [...keyed.prepare, ...prepare]
  return {
    prepare: steps,
    parts: [...keyed.prepare.map(() => 'spine'), ...parts],
    query,
    cleanup: dropTables(steps),
    featureColumns,
    labelColumns: labels.map((label) => label.name),
  }
}

interface ViewJoin {
  readonly prepare: readonly Sql[]
  readonly join: Sql
  /** The feature time of the row, µs. */
  readonly time: Sql
}

function joinView(
  leaves: Leaves,
  view: ViewPlan,
  keyed: KeyedSpine,
  spine: CheckedSpine,
  options: TrainingOptions,
  alias: string,
): ViewJoin {
  const prefix = freshPrefix()
  const row = sql.id(alias)
  const e = keyed.entity(view.entity)
  if (view.source?.kind === 'precomputed') {
    const rows = precomputedAsOf(leaves, view, view.source, keyed.table, {
      table: sql.id(keyed.entityTable(view.entity)),
      column: e,
    })
    return {
      prepare: [],
      join: sql` LEFT JOIN (${rows}) ${row} ON ${row}.spine_row = k.spine_row`,
      time: sql`${row}.t`,
    }
  }
  const t = keyed.time(view)
  if (options.from === 'materialized') {
    const keys = view.entity.keys.map((key) => sql`${sql.id(alias, key.name)} = ${sql.id('s', key.name)}`)
    const at = sql`${row}.feature_time = ${leaves.fromEpochMicros(sql`k.${t}`)}`
    return {
      prepare: [],
      join: sql` LEFT JOIN ${options.featureTable(view)} ${row} ON ${sql.join([...keys, at], sql` AND `)}`,
      time: sql`k.${t}`,
    }
  }
  const first = servedFeatureTime(view.grid, view.delay, spine.first)
  const last = servedFeatureTime(view.grid, view.delay, spine.last)
  const grain = grainOf(view)
  const boundaries = (last - first) / BigInt(grain) + 1n
  const off = view.grid.zone !== 'UTC' && areOffTiles(gridInstants(view.grid, first, last + 1n), grain)
  const lookup = off
    ? 'direct'
    : (options.lookup ??
      (boundaries <= DENSE_BOUNDARIES_PER_ROW * BigInt(spine.rows) &&
      view.grid.every / grain <= DENSE_BOUNDARIES_PER_INSTANT
        ? 'dense'
        : 'sparse'))
  const scope: Scope = {
    leaves,
    view,
    prefix,
    entities: keyed.entityTable(view.entity),
    grain,
    first,
    last,
    lookup,
    arrivals: 'logs',
    fewEntities: spine.rows <= FEW,
    instants: keyed.gridTable(view),
    moments: options.moments?.(view),
  }
  const points = needsPoints(view, lookup) || view.features.some((feature) => feature.kind === 'attribute')
  const { prepare, values } = viewValues(scope, { points })
  const wanted = sql`
    SELECT e, t, ${leaves.floorDivide(sql`t`, grain)} AS j
    FROM (SELECT DISTINCT ${e} AS e, ${t} AS t FROM ${keyed.table}) d
  `
  return {
    prepare: [...(points ? [createTable(pointTable(scope), wanted)] : []), ...prepare],
    join: sql` LEFT JOIN (${values}) ${row} ON ${row}.e = k.${e} AND ${row}.t = k.${t}`,
    time: sql`k.${t}`,
  }
}

/** The spine with every entity's number and every feature time that its views need, each made once. */
class KeyedSpine {
  readonly #leaves: Leaves
  readonly #spine: CheckedSpine
  readonly #prefix: string = freshPrefix()
  readonly #entities = new Map<string, { readonly name: string; readonly keys: readonly string[] }>()
  readonly #times = new Map<string, { readonly name: string; readonly view: ViewPlan }>()

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

  #time(view: ViewPlan): { readonly name: string; readonly view: ViewPlan } {
    const id = JSON.stringify([view.grid, view.delay])
    const known = this.#times.get(id) ?? { name: `t${this.#times.size}`, view }
    this.#times.set(id, known)
    return known
  }

  /** The table of a local clock's feature times. */
  gridTable(view: ViewPlan): string | undefined {
    return view.grid.zone === 'UTC' ? undefined : `${this.#prefix}_grid_${this.#time(view).name}`
  }

  #entity(entity: ViewPlan['entity']): { readonly name: string; readonly keys: readonly string[] } {
    const keys = entity.keys.map((key) => key.name)
    const id = JSON.stringify(keys)
    const known = this.#entities.get(id) ?? { name: `e${this.#entities.size}`, keys }
    this.#entities.set(id, known)
    return known
  }

  get prepare(): readonly Sql[] {
    const spine = sql.id(this.#spine.table)
    const entities = [...this.#entities.values()].map(({ name, keys }) => {
      const ids = keys.map((_, index) => sql.id(keyAlias(index)))
      const given = keys.map((key, index) => sql`${sql.id(key)} AS ${sql.id(keyAlias(index))}`)
      const rows =
        keys.length === 0
          ? sql`SELECT CAST(0 AS ${this.#leaves.columnType('bigint')}) AS e`
          : numbered(ids, sql`SELECT DISTINCT ${sql.join(given)} FROM ${spine}`)
      return createTable(sql.id(`${this.#prefix}_${name}`), rows)
    })
    const numbers = [...this.#entities.values()].map(({ name }) => sql`${sql.id(name, 'e')} AS ${sql.id(name)}`)
    const joins = [...this.#entities.values()].map(({ name, keys }) => {
      const on =
        keys.length === 0
          ? sql`TRUE`
          : sql.join(
              keys.map((key, index) => sql`${sql.id(name, keyAlias(index))} = ${sql.id('s', key)}`),
              sql` AND `,
            )
      return sql` JOIN ${sql.id(`${this.#prefix}_${name}`)} ${sql.id(name)} ON ${on}`
    })
    const utc = [...this.#times.values()].filter(({ view }) => view.grid.zone === 'UTC')
    const zoned = [...this.#times.values()].filter(({ view }) => view.grid.zone !== 'UTC')
    const times = utc.map(({ name, view }) => {
      const reach = sql`${sql.id('s', SPINE_MICROS)} - ${integer(view.delay)}`
      return sql`${this.#leaves.floorDivide(reach, view.grid.every)} * ${integer(view.grid.every)} AS ${sql.id(name)}`
    })
    let rows = sql`
      SELECT ${sql.join([sql`s.spine_row AS spine_row`, sql`${sql.id('s', SPINE_MICROS)} AS us`, ...numbers, ...times])}
      FROM ${spine} s${sql.join(joins, sql``)}
    `
    const grids = zoned.map(({ name, view }) => {
      const from = servedFeatureTime(view.grid, view.delay, this.#spine.first)
      const instants = gridInstants(view.grid, from, this.#spine.last + 1n)
      return createTable(sql.id(`${this.#prefix}_grid_${name}`), instantsSql(this.#leaves, instants))
    })
    for (const { name, view } of zoned) {
      const grid = sql.id(`${this.#prefix}_grid_${name}`)
      const joined = this.#leaves.asofJoin({
        left: sql`(${rows}) r`,
        right: sql`(SELECT t AS instant FROM ${grid}) g`,
        on: [],
        match: { left: sql`r.us - ${integer(view.delay)}`, operator: '>=', right: sql`g.instant` },
      })
      rows = sql`SELECT r.*, g.instant AS ${sql.id(name)} FROM ${joined}`
    }
    return [...entities, ...grids, createTable(this.table, rows)]
  }
}
