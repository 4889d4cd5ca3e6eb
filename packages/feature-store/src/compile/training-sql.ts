import { sql, type Leaves, type Sql } from '@martlet/warehouse'
import type { FunctionPlan, OnDemandInput } from '../plan/on-demand-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import {
  featureTimeColumn,
  lookedUpColumn,
  missingColumn,
  nameIn,
  serviceRequest,
  vectorFields,
  type ServicePlan,
} from '../plan/view-plan.ts'
import { orDefault } from '../vocabulary/algebra/default-value.ts'
import type { TypedSql } from '../vocabulary/algebra/typed-sql.ts'
import { labelSuffixes } from '../vocabulary/outcomes/label-columns.ts'
import { KeyedSpine, type CheckedSpine } from './keyed-spine.ts'
import { compileLabel } from './label-sql.ts'
import { onDemandSql, requestSql } from './on-demand-sql.ts'
import { createTable, dropTable, temporaryPrefix } from './temporary-tables.ts'
import { joinVia, joinView, type Join, type JoinedSpine, type NamedValue, type ViewOptions } from './training-views.ts'
import type { CompiledRows } from './view-sql.ts'

export interface TrainingOptions extends ViewOptions {
  /** Windows of labels that end after this instant (µs) have not closed. */
  readonly asOf: bigint
}

export interface CompiledTraining extends CompiledRows {
  /** What each statement of `prepare` is for: `spine`, `view usage`, `label next_day`. */
  readonly parts: readonly string[]
  readonly featureColumns: readonly string[]
  readonly labelColumns: readonly string[]
  /** Which of the fields with a default were missing: `view__feature__missing`. */
  readonly missingColumns: readonly string[]
  /** The feature times that serve the rows, and the keys that were looked up; none unless they were asked for. */
  readonly timeColumns: readonly string[]
  /** What functions of the process have yet to compute; `query` has the columns that they read instead. */
  readonly functions: readonly FunctionColumns[]
}

/** The columns that a function reads, in the order of its inputs and then of the values of a request. */
export interface FunctionColumns {
  readonly plan: FunctionPlan
  readonly reads: readonly string[]
}

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
  const times = options.featureTimes === true ? timeColumns(leaves, service, views) : []
  const read = functions.flatMap((one) => one.columns)
  const columns = [...features, ...outcomes.flatMap((one) => one.columns), ...missing, ...times, ...read].map(
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
    timeColumns: times.map(({ name }) => name),
  }
}

/** The feature time of each view's row, and the keys that views look up; no feature has such a name. */
function timeColumns(leaves: Leaves, service: ServicePlan, views: readonly Join[]): readonly NamedValue[] {
  const own = views.flatMap(({ time, lookup }, i) => {
    const read = service.views[i]
    if (time === undefined || read === undefined) return []
    const name = nameIn(read)
    const keys = (lookup?.keys ?? []).map((key) => ({ name: lookedUpColumn(name, key.name), value: key.value }))
    return [{ name: featureTimeColumn(name), value: leaves.fromEpochMicros(time) }, ...keys]
  })
  const lookups = views.flatMap(({ lookup }, i) => {
    const via = service.views[i]?.via
    if (lookup === undefined || via === undefined) return []
    return [{ name: featureTimeColumn(nameIn(via)), value: leaves.fromEpochMicros(lookup.time) }]
  })
  const named = new Map([...lookups, ...own].map((column) => [column.name, column]))
  return [...named.values()]
}

interface Given extends JoinedSpine {
  readonly options: TrainingOptions
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
