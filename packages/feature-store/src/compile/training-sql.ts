import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { FunctionPlan, OnDemandInput } from '../plan/on-demand-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import { gridInstants, servedFeatureTime } from '../plan/time/grid.ts'
import { areOffTiles } from '../plan/time/zone-step.ts'
import {
  entityIn,
  missingColumn,
  nameIn,
  serviceRequest,
  vectorFields,
  type ServicePlan,
  type ServiceView,
  type ViewPlan,
  type ViewRead,
} from '../plan/view-plan.ts'
import { orDefault } from '../vocabulary/algebra/default-value.ts'
import { integer } from '../vocabulary/algebra/integer.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { passedThroughOf } from '../vocabulary/sources/list.ts'
import { labelSuffixes } from '../vocabulary/outcomes/label-columns.ts'
import { withFeatures } from '../vocabulary/needed-features.ts'
import { grainOf } from '../vocabulary/grain.ts'
import { amongEverybody, readsEverybody } from './everybody.ts'
import { KeyedSpine, SPINE_MICROS, type CheckedSpine } from './keyed-spine.ts'
import { compileLabel } from './label-sql.ts'
import { onDemandSql, requestSql } from './on-demand-sql.ts'
import { passedThroughAsOf } from './passed-through.ts'
import { pointTable, scopeOf, type Scope } from './scope.ts'
import { viewValues } from './stages.ts'
import { createTable, dropTable, temporaryPrefix, type TemporaryTable } from './temporary-tables.ts'
import type { MomentTable } from './tiles/moment-table.ts'
import type { CompiledRows } from './view-sql.ts'

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
  /** Which of the fields with a default were missing: `view__feature__missing`. */
  readonly missingColumns: readonly string[]
  /** What functions of the process have yet to compute; `query` has the columns that they read instead. */
  readonly functions: readonly FunctionColumns[]
}

/** The columns that a function reads, in the order of its inputs and then of the values of a request. */
export interface FunctionColumns {
  readonly plan: FunctionPlan
  readonly reads: readonly string[]
}

/** Up to so many spine rows, facts are cut to the spine's entities before they are grouped. */
const FEW = 1_000
/** Dense lookups fill every boundary of every entity: worth it up to so many boundaries for each spine row. */
const DENSE_BOUNDARIES_PER_ROW = 8n
const DENSE_BOUNDARIES_PER_INSTANT = 96

/**
 * One output row for every spine row, in order: the spine's columns, `view__feature` at the feature time that would
 * have been served at the row's time, then the labels, then which fields hold their default.
 */
export function compileTraining(
  leaves: Leaves,
  service: ServicePlan,
  labels: readonly LabelPlan[],
  spine: CheckedSpine,
  options: TrainingOptions,
): CompiledTraining {
  const keyed = new KeyedSpine(leaves, spine)
  const given = { leaves, keyed, spine, options, aliases: { spine: 's', keyed: 'k' } }
  const views = service.views.map((read, i) =>
    read.via === undefined ? joinView(given, read, `v${i}`) : joinVia(given, read, read.via, i),
  )
  const outcomes = labels.map((label, i) => joinLabel(given, label, `l${i}`))
  const joined = [...views, ...outcomes]
  const spineColumns = spine.columns.map((name) => sql.id('s', name))
  const features = featureColumns(given, service, views)
  const functions = functionColumns(given, service, views)
  const missing = missingColumns(service, views)
  const read = functions.flatMap((one) => one.columns)
  const columns = [...features, ...outcomes.flatMap((one) => one.columns), ...missing, ...read].map(
    ({ name, value }) => sql`${value} AS ${sql.id(name)}`,
  )
  const query = sql`
    SELECT ${sql.join([sql`s.spine_row AS spine_row`, ...spineColumns, ...columns])}
    FROM ${sql.id(spine.table)} s
    JOIN ${keyed.table} k ON k.spine_row = s.spine_row${sql.join(
      joined.map(({ join }) => join),
      sql``,
    )}
  `
  // The spine's own tables come first, and are known last: each view asks for what it needs.
  const tables = [...keyed.tables, ...joined.flatMap((one) => one.tables)]
  return {
    prepare: tables.map(createTable),
    parts: [...keyed.tables.map(() => 'spine'), ...joined.flatMap((one) => one.tables.map(() => one.part))],
    query,
    cleanup: tables.map(dropTable),
    featureColumns: vectorFields(service).map(({ name }) => name),
    functions: functions.map(({ plan, columns: its }) => ({ plan, reads: its.map(({ name }) => name) })),
    labelColumns: outcomes.flatMap((one) => one.columns.map(({ name }) => name)),
    missingColumns: missing.map(({ name }) => name),
  }
}

interface Given {
  readonly leaves: Leaves
  readonly keyed: KeyedSpine
  readonly spine: CheckedSpine
  readonly options: TrainingOptions
  /** What the query calls the spine that has the keys, and its keyed table. */
  readonly aliases: { readonly spine: string; readonly keyed: string }
}

interface NamedValue {
  readonly name: string
  readonly value: Sql
}

/** What a view or a label adds to the spine. */
interface Join {
  readonly part: string
  readonly tables: readonly TemporaryTable[]
  readonly join: Sql
  readonly columns: readonly NamedValue[]
}

/** The fields of the service's vector, in order: those of views, and what SQL computes from them and the spine. */
function featureColumns(given: Given, service: ServicePlan, views: readonly Join[]): readonly NamedValue[] {
  const { leaves, spine } = given
  const joined = new Map(views.flatMap((one) => one.columns).map(({ name, value }) => [name, value]))
  const computed = new Map<string, Sql>()
  const requested = new Map(
    serviceRequest(service).map((column) => [column.name, requestSql(leaves, column, spine.zone)]),
  )
  for (const { plan } of service.onDemand ?? []) {
    if (plan.kind === 'function') continue
    const inputs = new Map(plan.inputs.map((one) => [one.name, one]))
    const input = (name: string): TypedSql => {
      const read = inputs.get(name)
      const found = read === undefined ? requested.get(name) : inputSql(leaves, read, joined)
      if (found === undefined) throw new Error(`on-demand feature ${plan.name} reads ${name}, which is not joined`)
      return found
    }
    for (const [name, value] of onDemandSql(leaves, plan, input)) computed.set(`${plan.name}__${name}`, value)
  }
  return vectorFields(service).flatMap(({ name, type, default: standIn }) => {
    const value = computed.get(name) ?? joined.get(name)
    return value === undefined ? [] : [{ name, value: orDefault(leaves, value, standIn, type) }]
  })
}

/** Where a field holds its default, which no profile of the data must take for a value. */
function missingColumns(service: ServicePlan, views: readonly Join[]): readonly NamedValue[] {
  const joined = new Map(views.flatMap((one) => one.columns).map(({ name, value }) => [name, value]))
  return vectorFields(service).flatMap((field) => {
    const value = joined.get(field.name)
    if (field.default === undefined || value === undefined) return []
    return [{ name: missingColumn(field), value: sql`(${value} IS NULL)` }]
  })
}

/** What an on-demand feature reads of a view. */
function inputSql(
  leaves: Leaves,
  { name, type, default: standIn }: OnDemandInput,
  joined: ReadonlyMap<string, Sql>,
): TypedSql | undefined {
  const value = joined.get(name)
  return value === undefined ? undefined : { sql: orDefault(leaves, value, standIn, type), type }
}

/** The values that functions read, under names that nothing else has. */
function functionColumns(
  { leaves, spine }: Given,
  { onDemand = [] }: ServicePlan,
  views: readonly Join[],
): readonly { readonly plan: FunctionPlan; readonly columns: readonly NamedValue[] }[] {
  const joined = new Map(views.flatMap((one) => one.columns).map(({ name, value }) => [name, value]))
  return onDemand.flatMap(({ plan }, i) => {
    if (plan.kind !== 'function') return []
    const values = [
      ...plan.inputs.map((input) => inputSql(leaves, input, joined)?.sql ?? sql`NULL`),
      ...plan.request.map((column) => requestSql(leaves, column, spine.zone).sql),
    ]
    return [{ plan, columns: values.map((value, j) => ({ name: `${FUNCTION_INPUT}${i}_${j}`, value })) }]
  })
}

/** No column of a user, and no feature or label, has such a name. */
const FUNCTION_INPUT = 'on_demand__'

function joinLabel({ leaves, keyed, spine, options }: Given, label: LabelPlan, alias: string): Join {
  const { tables, query } = compileLabel(
    leaves,
    label,
    { table: keyed.table, entity: keyed.entity(label.entity), entities: keyed.entityTable(label.entity) },
    { first: spine.first, last: spine.last, asOf: options.asOf },
    temporaryPrefix(),
  )
  const row = sql.id(alias)
  return {
    part: `label ${label.name}`,
    tables,
    join: sql` LEFT JOIN (${query}) ${row} ON ${row}.spine_row = k.spine_row`,
    columns: labelSuffixes(label).map((suffix) => ({
      name: `${label.name}${suffix}`,
      value: sql`${row}.${sql.raw(`label${suffix}`)}`,
    })),
  }
}

function joinView(given: Given, read: ServiceView, alias: string): Join {
  const { view, features, inputs = [] } = read
  const name = nameIn(read)
  const { tables, join, time } = viewRows(given, read, alias)
  const age = sql`${sql.id(given.aliases.keyed)}.us - ${time}`
  const columns = [...features, ...inputs].map((feature) => {
    const value = sql.id(alias, feature)
    return {
      name: `${name}__${feature}`,
      value: view.ttl === null ? value : sql`CASE WHEN ${age} <= ${integer(view.ttl)} THEN ${value} END`,
    }
  })
  return { part: `view ${name}`, tables, join, columns }
}

/**
 * A view whose entity another view looks up: the keys as they would have been served at each row's time are a spine of
 * their own, without the rows that have none.
 */
function joinVia(given: Given, { via: _, ...read }: ServiceView, via: ViewRead, i: number): Join {
  const { leaves, spine } = given
  const found = joinView(given, via, `w${i}`)
  const keys = read.view.entity.keys.map(({ name, type }, at) => {
    const feature = via.features[at] ?? name
    const value = found.columns[at]?.value ?? sql`NULL`
    return sql`${orDefault(leaves, value, via.defaults?.[feature], type)} AS ${sql.id(name)}`
  })
  const table = `${temporaryPrefix()}_via`
  const us = sql.id(SPINE_MICROS)
  const present = read.view.entity.keys.map(({ name }) => sql`${sql.id('q', name)} IS NOT NULL`)
  const rows = sql`
    SELECT * FROM (
      SELECT ${sql.join([sql`s.spine_row AS spine_row`, sql`k.us AS ${us}`, ...keys])}
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
  return { ...joined, tables, join }
}

interface ViewRows extends Pick<Join, 'tables' | 'join'> {
  /** The feature time of the row, µs. */
  readonly time: Sql
}

function viewRows(given: Given, read: ServiceView, alias: string): ViewRows {
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
  if (options.from === 'materialized') {
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
  { leaves, keyed, spine, options }: Given,
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
  return { tables: [{ name: pointTable(scope), rows: wanted }, ...tables], values }
}

function spineScope(
  leaves: Leaves,
  read: ServiceView,
  keyed: KeyedSpine,
  spine: CheckedSpine,
  options: Pick<TrainingOptions, 'lookup'> & { readonly moments: MomentTable | undefined },
): Scope {
  const { view } = read
  const { moments } = options
  const first = servedFeatureTime(view.grid, view.delay, spine.first)
  const last = servedFeatureTime(view.grid, view.delay, spine.last)
  const grain = moments?.grain ?? grainOf(view)
  const boundaries = (last - first) / BigInt(grain) + 1n
  const off = view.grid.zone !== 'UTC' && areOffTiles(gridInstants(view.grid, first, last + 1n), grain)
  const dense =
    boundaries <= DENSE_BOUNDARIES_PER_ROW * BigInt(spine.rows) &&
    view.grid.every / grain <= DENSE_BOUNDARIES_PER_INSTANT
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
