import { canonicalHash } from '../plan/canonical-json.ts'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ExpressionsPlan, FunctionPlan } from '../plan/on-demand-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import type { ServicePlan, ViewPlan, ViewRead } from '../plan/view-plan.ts'
import { viewColumns, type ViewsPlan } from '../plan/views-plan.ts'
import { featureKind } from './features/list.ts'
import { outcomeKind } from './outcomes/list.ts'
import { computedKeys, computedOf, dimensionUses, neededColumns, tableColumns } from './sources/computed.ts'
import { sourceKind, viewsOf } from './sources/list.ts'

/**
 * SHA-256 of what changes the values a view serves: names, grid, delay, ttl, population, features, and of the source
 * the table, the roles and the columns that are used. Not the order of features, not checks, not unused columns, not
 * `repair`, not former names. Of views that it reads, all that changes the values it takes from them, whatever they are
 * called.
 */
export function viewHash(given: Omit<ViewPlan, 'hash'>): string {
  const view = withContentNames(given)
  const features = view.features.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const used = new Set(view.features.flatMap(columnsRead))
  return canonicalHash({
    name: view.name,
    entity: view.entity,
    source: view.source === null ? null : sourceCore(view.source, used, view.entity.name),
    grid: view.grid,
    delay: view.delay,
    ttl: view.ttl,
    population: view.population === null ? null : sourceCore(view.population, new Set()),
    features: features.map(featureCore),
  })
}

/** SHA-256 of a service's name and of its features in order, each with its view's hash, and of what stands for nulls. */
export function serviceHash({ name, views, onDemand, order }: Omit<ServicePlan, 'hash'>): string {
  return canonicalHash({
    name,
    views: views.map(({ via, ...read }) => ({
      ...readCore(read),
      ...(via === undefined ? {} : { via: readCore(via) }),
    })),
    ...(onDemand === undefined ? {} : { onDemand: onDemand.map(({ plan, features }) => [plan.hash, features]) }),
    ...(order === undefined ? {} : { order }),
  })
}

function readCore({ view, features, as, keys, defaults }: ViewRead): object {
  return {
    view: view.hash,
    features,
    ...(as === undefined ? {} : { as }),
    ...(keys === undefined ? {} : { keys }),
    ...(defaults === undefined ? {} : { defaults }),
  }
}

/** SHA-256 of what changes on-demand values: names, types, defaults, expressions, and the version of a function. */
export function onDemandHash(plan: Omit<ExpressionsPlan, 'hash'> | Omit<FunctionPlan, 'hash'>): string {
  const { name, inputs, request } = plan
  const types = ({ name, type }: { readonly name: string; readonly type: unknown }): unknown => [name, type]
  const computed =
    plan.kind === 'function'
      ? { version: plan.version, features: plan.features.map(types) }
      : { features: plan.features.map((feature) => [types(feature), feature.expression]) }
  const read = inputs.map((input) => (input.default === undefined ? types(input) : [types(input), input.default]))
  return canonicalHash({ name, kind: plan.kind, inputs: read, request: request.map(types), ...computed })
}

/** SHA-256 of what changes a label's values. */
export function labelHash(label: LabelPlan): string {
  return canonicalHash({
    ...label,
    fact: sourceCore(label.fact, new Set(outcomeKind(label.aggregate).reads(label.aggregate)), label.entity.name),
  })
}

/**
 * What counts of a source: its roles, and the types of the columns used. `entity`: the one whose keys are read, of
 * several.
 */
function sourceCore(source: SourcePlan, used: ReadonlySet<string>, entity?: string): unknown {
  const views = viewsOf(source)
  if (views !== undefined) return viewsCore(views)
  const core: object & { readonly columns?: unknown; readonly checks?: unknown } =
    sourceKind(source).core?.(source, entity) ?? source
  const { columns: _, checks: __, ...roles } = core
  const names = [...used, ...computedKeys(source, entity)]
  const read = new Set(tableColumns(source, names))
  const types = Object.fromEntries(source.columns.flatMap(({ name, type }) => (read.has(name) ? [[name, type]] : [])))
  const computed = neededColumns(computedOf(source), names).map(({ name, type, expression }) => ({
    name,
    type,
    expression,
  }))
  const dimensions = dimensionUses(source, names).map(({ name, dimension, columns }) => ({
    name,
    dimension: sourceCore(dimension, new Set(columns)),
  }))
  return {
    ...roles,
    computed: computed.length === 0 ? undefined : computed,
    dimensions: dimensions.length === 0 ? undefined : dimensions,
    types,
  }
}

/** When and for whom the views have rows; what is read of them stands in the features. */
function viewsCore({ kind, entity, views }: ViewsPlan): unknown {
  return { kind, entity, views: views.map((view) => viewHash({ ...view, name: '', features: [] })).toSorted() }
}

/** A view whose features call those of other views by what they are. */
function withContentNames(view: Omit<ViewPlan, 'hash'>): Omit<ViewPlan, 'hash'> {
  const source = viewsOf(view.source)
  if (source === undefined) return view
  const names = new Map(
    [...viewColumns(source)].map(([name, column]) => [name, contentNames(column.view).get(column.feature) ?? name]),
  )
  const features = view.features.map((feature) => featureKind(feature).renamedColumns?.(feature, names) ?? feature)
  return { ...view, features }
}

const known = new WeakMap<ViewPlan, ReadonlyMap<string, string>>()

/** For each feature of a view a name that says how its value is computed. */
function contentNames(view: ViewPlan): ReadonlyMap<string, string> {
  const found = known.get(view)
  if (found !== undefined) return found
  const names = new Map<string, string>()
  for (const feature of view.features) {
    const own = { ...feature, name: '' }
    // Features of a row read only those before them.
    const named = featureKind(own).renamed?.(own, names) ?? own
    names.set(feature.name, viewHash({ ...view, name: '', features: [named] }))
  }
  known.set(view, names)
  return names
}

/**
 * SHA-256 of what changes the values of one feature of a view, whatever else the view has; undefined when it has no such
 * feature. A view's own hash changes with any of its features.
 *
 * @example featureHash(before, 'kwh_7d') === featureHash(after, 'kwh_7d') // it is still computed as it was
 */
export function featureHash(view: ViewPlan, feature: string): string | undefined {
  return contentNames(view).get(feature)
}

function featureCore(feature: FeaturePlan): unknown {
  const { nullable: _, renamedFrom: __, ...core } = featureKind(feature).core?.(feature, sourceCore) ?? feature
  return core
}

// A column of another table counts for the source as well, if that has one of the same name: stored hashes say so.
function columnsRead(feature: FeaturePlan): readonly string[] {
  return featureKind(feature)
    .reads(feature)
    .flatMap((reading) => (reading.of === 'row' ? [] : [reading.column]))
}
