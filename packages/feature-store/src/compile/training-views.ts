import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import { gridInstants, servedFeatureTime } from '../plan/time/grid.ts'
import { areOffTiles } from '../plan/time/zone-step.ts'
import {
  entityIn,
  gridOf,
  isContinuous,
  nameIn,
  type ServiceView,
  type ViewPlan,
  type ViewRead,
} from '../plan/view-plan.ts'
import { orDefault } from '../vocabulary/algebra/default-value.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { withFeatures } from '../vocabulary/needed-features.ts'
import type { AggregateFeature } from '../vocabulary/features/aggregate.ts'
import { eventsOf, passedThroughOf } from '../vocabulary/sources/list.ts'
import { amongEverybody, readsEverybody } from './everybody.ts'
import { KeyedSpine, SPINE_MICROS, type CheckedSpine } from './keyed-spine.ts'
import { passedThroughAsOf } from './passed-through.ts'
import { pointTables } from './closing.ts'
import { scopeOf, type Scope } from './scope.ts'
import { viewValues } from './stages.ts'
import { temporaryPrefix, type TemporaryTable } from './temporary-tables.ts'
import type { MomentTable } from './tiles/moment-table.ts'

/** Where the rows of views come from. */
export interface ViewOptions {
  /**
   * `facts`: compute features at each feature time. `materialized`: join the feature tables; continuous views have none and
   * are computed.
   */
  readonly from: 'facts' | 'materialized'
  /** The feature table of a view, for `materialized`. */
  readonly featureTable: (view: ViewPlan) => Sql
  readonly lookup?: Scope['lookup']
  /** Stored tiles to read instead of the fact, where a view has them. */
  readonly moments?: (view: ViewPlan) => MomentTable | undefined
  /** Whether each view adds the feature time that serves the row, as the online store says it. @default false */
  readonly featureTimes?: boolean
}

/** The spine that views are joined to. */
export interface JoinedSpine {
  readonly leaves: Leaves
  readonly keyed: KeyedSpine
  readonly spine: CheckedSpine
  readonly options: ViewOptions
  /** What the query calls the spine that has the keys, and its keyed table. */
  readonly aliases: { readonly spine: string; readonly keyed: string }
}

export interface NamedValue {
  readonly name: string
  readonly value: Sql
}

/** What a view or a label adds to the spine. */
export interface Join {
  readonly part: string
  readonly tables: readonly TemporaryTable[]
  readonly join: Sql
  readonly columns: readonly NamedValue[]
  /** Of a view: the feature time that serves the row, µs. */
  readonly time?: Sql
  /** Of a view whose entity another view looks up: that view's feature time (µs), and the keys. */
  readonly lookup?: { readonly time: Sql; readonly keys: readonly NamedValue[] }
}

/** Up to so many spine rows, facts are cut to the spine's entities before they are grouped. */
const FEW = 1_000
/** Dense lookups fill every boundary of every entity: worth it up to so many boundaries for each spine row. */
const DENSE_BOUNDARIES_PER_ROW = 8n
const DENSE_BOUNDARIES_PER_INSTANT = 96

/** A view at the feature times that would have been served at the rows' times. */
export function joinView(given: JoinedSpine, read: ServiceView, alias: string): Join {
  const { view, features, inputs = [] } = read
  const name = nameIn(read)
  const { tables, join, time } = timedRows(given, read, alias)
  const age = sql`${sql.id(given.aliases.keyed)}.us - ${time}`
  const columns = [...features, ...inputs].map((feature) => {
    const value = sql.id(alias, feature)
    return {
      name: `${name}__${feature}`,
      value: view.ttl === null ? value : sql`CASE WHEN ${age} <= ${integer(view.ttl)} THEN ${value} END`,
    }
  })
  return { part: `view ${name}`, tables, join, columns, time }
}

/**
 * A view whose entity another view looks up: the keys as they would have been served at each row's time are a spine of
 * their own, without the rows that have none.
 */
export function joinVia(given: JoinedSpine, { via: _, ...read }: ServiceView, via: ViewRead, i: number): Join {
  const { leaves, spine, options } = given
  const found = joinView(given, via, `w${i}`)
  const keys = read.view.entity.keys.map(({ name, type }, at) => {
    const feature = via.features[at] ?? name
    const value = found.columns[at]?.value ?? sql`NULL`
    return sql`${orDefault(leaves, value, via.defaults?.[feature], type)} AS ${sql.id(name)}`
  })
  const table = `${temporaryPrefix()}_via`
  const us = sql.id(SPINE_MICROS)
  const timed = options.featureTimes === true ? [sql`${found.time ?? sql`NULL`} AS ${sql.id(LOOKUP_TIME)}`] : []
  const present = read.view.entity.keys.map(({ name }) => sql`${sql.id('q', name)} IS NOT NULL`)
  const rows = sql`
    SELECT * FROM (
      SELECT ${sql.join([sql`s.spine_row AS spine_row`, sql`k.us AS ${us}`, ...keys, ...timed])}
      FROM ${sql.id(spine.table)} s
      JOIN ${given.keyed.table} k ON k.spine_row = s.spine_row${found.join}
    ) q
    WHERE ${sql.join(present, sql` AND `)}
  `
  const looked = { ...spine, table }
  const keyed = new KeyedSpine(leaves, looked)
  const [s2, k2] = [`s${i}`, `k${i}`]
  const joined = joinView({ ...given, spine: looked, keyed, aliases: { spine: s2, keyed: k2 } }, read, `v${i}`)
  const onRow = (source: Sql, alias: string): Sql =>
    sql` LEFT JOIN ${source} ${sql.id(alias)} ON ${sql.id(alias)}.spine_row = s.spine_row`
  const join = sql.join([onRow(sql.id(table), s2), onRow(keyed.table, k2), joined.join], sql``)
  // The view has asked for what it needs of the keyed spine by now.
  const tables = [...found.tables, { name: sql.id(table), rows }, ...keyed.tables, ...joined.tables]
  if (options.featureTimes !== true) return { ...joined, tables, join }
  const isOwn = passedThroughOf(via.view.source) !== undefined || isContinuous(via.view)
  // The feature time of a grid is known without a row, too.
  const time = isOwn ? sql.id(s2, LOOKUP_TIME) : (found.time ?? sql`NULL`)
  const lookedUp = read.view.entity.keys.map(({ name }) => ({ name, value: sql.id(s2, name) }))
  return { ...joined, tables, join, lookup: { time, keys: lookedUp } }
}

/** The rows of a view; where feature times are asked for, that of a continuous one is of its newest event, as it is online. */
function timedRows(given: JoinedSpine, read: ServiceView, alias: string): ViewRows {
  const { view, inputs = [] } = read
  const newest = given.options.featureTimes === true && isContinuous(view) ? newestEvent(view) : undefined
  if (newest === undefined) return viewRows(given, read, alias)
  const timed = { ...view, features: [...view.features, newest] }
  const rows = viewRows(given, { ...read, view: timed, inputs: [...inputs, newest.name] }, alias)
  return { ...rows, time: given.leaves.epochMicros(sql.id(alias, newest.name)) }
}

/** When the newest event happened that a row counts. No feature of a user has such a name. */
function newestEvent({ source }: ViewPlan): AggregateFeature | undefined {
  const events = eventsOf(source)
  const time = events?.columns.find(({ name }) => name === events.eventTime)
  if (time === undefined) return undefined
  return {
    kind: 'aggregate',
    name: 'newest__event',
    type: time.type,
    nullable: true,
    aggregate: { function: 'last', column: time.name, where: null },
    window: { kind: 'lifetime' },
  }
}

/** The column of a looked up spine with the feature time of the view that looks up. */
const LOOKUP_TIME = 'lookup__us'

interface ViewRows extends Pick<Join, 'tables' | 'join'> {
  /** The feature time of the row, µs. */
  readonly time: Sql
}

function viewRows(given: JoinedSpine, read: ServiceView, alias: string): ViewRows {
  const { leaves, keyed, options } = given
  const { view } = read
  const entity = entityIn(read)
  const k = sql.id(given.aliases.keyed)
  const row = sql.id(alias)
  const e = keyed.entity(entity)
  const source = passedThroughOf(view.source)
  if (source !== undefined) {
    const entities = { table: sql.id(keyed.entityTable(entity)), column: e }
    const rows = passedThroughAsOf(leaves, view, source, keyed.table, entities)
    const join = sql` LEFT JOIN (${rows}) ${row} ON ${row}.spine_row = ${k}.spine_row`
    return { tables: [], join, time: sql`${row}.t` }
  }
  const time = sql`${k}.${keyed.time(view)}`
  if (options.from === 'materialized' && !isContinuous(view)) {
    const keys = view.entity.keys.map(
      (key, i) => sql`${sql.id(alias, key.name)} = ${sql.id(given.aliases.spine, entity.keys[i]?.name ?? key.name)}`,
    )
    const at = sql`${row}.feature_time = ${leaves.fromEpochMicros(time)}`
    const join = sql` LEFT JOIN ${options.featureTable(view)} ${row} ON ${sql.join([...keys, at], sql` AND `)}`
    return { tables: [], join, time }
  }
  const { tables, values } = computedRows(given, read)
  return { tables, join: sql` LEFT JOIN (${values}) ${row} ON ${row}.e = ${k}.${e} AND ${row}.t = ${time}`, time }
}

/** `(e, t, features)` of the entities of the spine at the feature times that it needs. */
function computedRows(
  { leaves, keyed, spine, options }: JoinedSpine,
  read: ServiceView,
): { tables: TemporaryTable[]; values: Sql } {
  const moments = options.moments?.(read.view)
  // Features that the service does not read are not computed.
  const view = withFeatures(read.view, [...read.features, ...(read.inputs ?? [])])
  const scope = spineScope(leaves, { ...read, view }, keyed, spine, { ...options, moments })
  const [e, t] = [keyed.entity(entityIn(read)), keyed.time(view)]
  if (readsEverybody(view)) {
    const { tables, values } = amongEverybody(scope, sql`SELECT DISTINCT ${t} AS t FROM ${keyed.table}`, viewValues)
    return { tables: [...tables], values }
  }
  const { tables, values } = viewValues(scope)
  const wanted = sql`
    SELECT e, t, ${leaves.floorDivide(sql`t`, scope.grain)} AS j
    FROM (SELECT DISTINCT ${e} AS e, ${t} AS t FROM ${keyed.table}) d
  `
  return { tables: [...pointTables(scope, wanted), ...tables], values }
}

function spineScope(
  leaves: Leaves,
  read: ServiceView,
  keyed: KeyedSpine,
  spine: CheckedSpine,
  options: Pick<ViewOptions, 'lookup'> & { readonly moments: MomentTable | undefined },
): Scope {
  const { view } = read
  const { moments } = options
  const grid = gridOf(view)
  const first = servedFeatureTime(grid, view.delay, spine.first)
  const last = servedFeatureTime(grid, view.delay, spine.last)
  const grain = moments?.grain ?? grainOf(view)
  const boundaries = (last - first) / BigInt(grain) + 1n
  const off = grid.zone !== 'UTC' && areOffTiles(gridInstants(grid, first, last + 1n), grain)
  const dense =
    boundaries <= DENSE_BOUNDARIES_PER_ROW * BigInt(spine.rows) && grid.every / grain <= DENSE_BOUNDARIES_PER_INSTANT
  return scopeOf(leaves, view, {
    prefix: temporaryPrefix(),
    entities: keyed.entityTable(entityIn(read)),
    grain,
    points: 'some',
    first,
    last,
    lookup: off ? 'direct' : (options.lookup ?? (dense ? 'dense' : 'sparse')),
    fewEntities: spine.rows <= FEW,
    instants: keyed.gridTable(view),
    moments,
  })
}
