import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { OnDemandPlan } from '../plan/on-demand-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import { nameIn, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { viewColumns } from '../plan/views-plan.ts'
import { expressionColumns } from '../vocabulary/algebra/expression-columns.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { dimensionUses, tableColumns } from '../vocabulary/sources/computed.ts'
import { eventsOf, viewsOf } from '../vocabulary/sources/list.ts'

/** Columns of one table that a field's value is computed from; none when it only counts or dates the rows. */
export interface FieldSource {
  readonly table: string
  readonly columns: readonly string[]
  /** The field is in the unit of the one column and moves with it: a sum, a mean, an extreme or the value itself. */
  readonly level?: true
}

/** Aggregates that move by the share by which their column moves. */
const LEVELS: ReadonlySet<string> = new Set(['sum', 'mean', 'min', 'max', 'first', 'last', 'median', 'percentile'])

/**
 * What each field of a service's vector is computed from, by the field's name: tables and columns without keys and times.
 * Fields of the calendar have none.
 *
 * @example fieldSources(service.plan).get('usage__kwh_7d') // [{ table: 'mart.usage', columns: ['kwh'], level: true }]
 */
export function fieldSources(service: ServicePlan): ReadonlyMap<string, readonly FieldSource[]> {
  const found = new Map<string, readonly FieldSource[]>()
  const views = new Map<string, ViewPlan>()
  for (const read of service.views) {
    views.set(nameIn(read), read.view)
    for (const feature of read.view.features)
      found.set(`${nameIn(read)}__${feature.name}`, new Inputs().feature(read.view, feature).list(levelOf(feature)))
  }
  for (const { plan } of service.onDemand ?? [])
    for (const { name } of plan.features)
      found.set(`${plan.name}__${name}`, onDemandInputs(plan, name, views).list(false))
  return found
}

function onDemandInputs(plan: OnDemandPlan, name: string, views: ReadonlyMap<string, ViewPlan>): Inputs {
  const feature = plan.features.find((one) => one.name === name)
  const read =
    feature !== undefined && 'expression' in feature
      ? new Set(expressionColumns(feature.expression))
      : new Set(plan.inputs.map((input) => input.name))
  const inputs = new Inputs()
  for (const input of plan.inputs) {
    const view = views.get(input.view)
    const source = view?.features.find((one) => one.name === input.feature)
    if (read.has(input.name) && view !== undefined && source !== undefined) inputs.feature(view, source)
  }
  return inputs
}

/** Tables and their columns, as they are found. */
class Inputs {
  readonly #tables = new Map<string, Set<string>>()

  feature(view: ViewPlan, feature: FeaturePlan): this {
    const { source } = view
    const kind = featureKind(feature)
    for (const reading of kind.reads(feature)) {
      if (reading.of === 'table') this.#add(reading.table.table, [reading.column])
      else if (reading.of === 'row') this.#other(view, reading.feature)
      else if (source !== null) this.#source(source, reading.column)
    }
    const events = kind.stage === 'facts' ? eventsOf(source) : undefined
    if (events !== undefined) this.#add(events.table, [])
    return this
  }

  list(level: boolean): readonly FieldSource[] {
    const sources = [...this.#tables].map(([table, columns]): FieldSource => ({ table, columns: [...columns].sort() }))
    const [only] = sources
    return level && only !== undefined && sources.length === 1 && only.columns.length === 1
      ? [{ ...only, level: true }]
      : sources.toSorted((a, b) => (a.table < b.table ? -1 : 1))
  }

  #other(view: ViewPlan, name: string): void {
    const feature = view.features.find((one) => one.name === name)
    if (feature !== undefined) this.feature(view, feature)
  }

  #source(source: SourcePlan, name: string): void {
    const views = viewsOf(source)
    if (views !== undefined) {
      const column = viewColumns(views).get(name)
      if (column !== undefined) this.#other(column.view, column.feature)
      return
    }
    const own = tableColumns(source, [name])
    if (own.length > 0) this.#add(source.table, own)
    for (const { dimension, columns } of dimensionUses(source, [name])) this.#add(dimension.table, columns)
  }

  #add(table: string, columns: readonly string[]): void {
    const known = this.#tables.get(table) ?? new Set<string>()
    for (const column of columns) known.add(column)
    this.#tables.set(table, known)
  }
}

function levelOf(feature: FeaturePlan): boolean {
  if (feature.kind === 'attribute' || feature.kind === 'column') return true
  if (feature.kind !== 'aggregate' || !('aggregate' in feature)) return false
  const { aggregate } = feature
  return (
    typeof aggregate === 'object' &&
    aggregate !== null &&
    'function' in aggregate &&
    typeof aggregate.function === 'string' &&
    LEVELS.has(aggregate.function)
  )
}
