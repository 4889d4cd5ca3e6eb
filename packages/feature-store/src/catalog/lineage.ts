import type { Kysely } from 'kysely'
import type { FeaturePlan } from '../plan/feature-plan.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { SourcePlan } from '../plan/source-plan.ts'
import type { OnDemandPlan } from '../plan/on-demand-plan.ts'
import { nameIn, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { viewColumns } from '../plan/views-plan.ts'
import { expressionColumns } from '../vocabulary/algebra/expression-columns.ts'
import { featureKind } from '../vocabulary/features/list.ts'
import { outcomeKind } from '../vocabulary/outcomes/list.ts'
import { computedKeys, dimensionUses, tableColumns } from '../vocabulary/sources/computed.ts'
import { eventsOf, viewsOf } from '../vocabulary/sources/list.ts'
import type { CatalogTables, LineageTable } from './tables.ts'

/**
 * One end of a lineage edge: a `column` is `schema.table.column`, a `feature` is `view.feature`, a
 * `request` is `feature.value` of an on-demand feature.
 */
export interface LineageNode {
  readonly kind: string
  readonly name: string
}

/**
 * The inputs of a view: an edge from each warehouse column, and from each feature of another view, to each feature whose
 * value depends on it.
 */
export function viewLineage(view: ViewPlan): readonly LineageTable[] {
  const stated_by = `view:${view.name}`
  return view.features.flatMap((feature) =>
    [...inputs(view, feature)].map((input): LineageTable => ({
      from_kind: input.startsWith('feature:') ? 'feature' : 'column',
      from_name: input.replace(/^feature:/, ''),
      to_kind: 'feature',
      to_name: `${view.name}.${feature.name}`,
      stated_by,
    })),
  )
}

/** An edge from each feature that a service reads, and from each that one computed on demand is computed from. */
export function serviceLineage(service: ServicePlan): readonly LineageTable[] {
  const stated_by = `service:${service.name}`
  const read = [
    ...service.views.map(({ view, features }) => ({ name: view.name, features })),
    ...(service.onDemand ?? []).map(({ plan, features }) => ({ name: plan.name, features })),
  ]
  const served = read.flatMap(({ name, features }) =>
    features.map((feature): LineageTable => ({
      from_kind: 'feature',
      from_name: `${name}.${feature}`,
      to_kind: 'service',
      to_name: service.name,
      stated_by,
    })),
  )
  const views = new Map(service.views.map((one) => [nameIn(one), one.view.name]))
  const all = [...served, ...(service.onDemand ?? []).flatMap(({ plan }) => onDemandLineage(plan, views, stated_by))]
  // A view in two roles is read twice.
  return [...new Map(all.map((edge) => [JSON.stringify(edge), edge])).values()]
}

/** `views`: the names of views by those that they have in the service. */
function onDemandLineage(
  plan: OnDemandPlan,
  views: ReadonlyMap<string, string>,
  stated_by: string,
): readonly LineageTable[] {
  const inputs = new Map<string, readonly [kind: string, name: string]>([
    ...plan.inputs.map(
      ({ name, view, feature }) => [name, ['feature', `${views.get(view) ?? view}.${feature}`]] as const,
    ),
    ...plan.request.map(({ name }) => [name, ['request', `${plan.name}.${name}`]] as const),
  ])
  return plan.features.flatMap((feature) => {
    const read = 'expression' in feature ? [...new Set(expressionColumns(feature.expression))] : [...inputs.keys()]
    return read.flatMap((name): readonly LineageTable[] => {
      const input = inputs.get(name)
      if (input === undefined) return []
      const [from_kind, from_name] = input
      return [{ from_kind, from_name, to_kind: 'feature', to_name: `${plan.name}.${feature.name}`, stated_by }]
    })
  })
}

/** An edge from each column that a label is computed from. */
export function labelLineage(label: LabelPlan): readonly LineageTable[] {
  const { fact, entity } = label
  const read = [...outcomeKind(label.aggregate).reads(label.aggregate), ...computedKeys(fact, entity.name)]
  return [...new Set([...sourceInputs(fact, read), `${fact.table}.${fact.eventTime}`])].map(
    (from_name): LineageTable => ({
      from_kind: 'column',
      from_name,
      to_kind: 'label',
      to_name: label.name,
      stated_by: `label:${label.name}`,
    }),
  )
}

/** Everything downstream or upstream of a node, nearest first, such as what breaks when a column changes. */
export async function lineageOf(
  db: Kysely<CatalogTables>,
  node: LineageNode,
  direction: 'downstream' | 'upstream',
): Promise<readonly LineageNode[]> {
  const edges = await db
    .selectFrom('lineage')
    .selectAll()
    .orderBy('to_kind')
    .orderBy('to_name')
    .orderBy('from_name')
    .execute()
  const next = Map.groupBy(edges, (edge) =>
    direction === 'downstream' ? `${edge.from_kind}:${edge.from_name}` : `${edge.to_kind}:${edge.to_name}`,
  )
  const found = new Map<string, LineageNode>()
  let frontier: readonly LineageNode[] = [node]
  while (frontier.length > 0) {
    const reached: LineageNode[] = []
    for (const { kind, name } of frontier) {
      for (const edge of next.get(`${kind}:${name}`) ?? []) {
        const to =
          direction === 'downstream'
            ? { kind: edge.to_kind, name: edge.to_name }
            : { kind: edge.from_kind, name: edge.from_name }
        if (found.has(`${to.kind}:${to.name}`)) continue
        found.set(`${to.kind}:${to.name}`, to)
        reached.push(to)
      }
    }
    frontier = reached
  }
  return [...found.values()]
}

/** The inputs of a feature: `table.column`, or `feature:view.name` for a feature of the same row or of another view. */
function inputs(view: ViewPlan, feature: FeaturePlan): ReadonlySet<string> {
  const { source } = view
  const kind = featureKind(feature)
  const read = kind.reads(feature).flatMap((reading) => {
    if (reading.of === 'row') return [`feature:${view.name}.${reading.feature}`]
    if (reading.of === 'table') return [`${reading.table.table}.${reading.column}`]
    if (source === null) return []
    const views = viewsOf(source)
    if (views !== undefined) {
      const column = viewColumns(views).get(reading.column)
      return column === undefined ? [] : [`feature:${column.view.name}.${column.feature}`]
    }
    return sourceInputs(source, [reading.column])
  })
  const events = kind.stage === 'facts' ? eventsOf(source) : undefined
  const times = [events?.eventTime, events?.knownAt, events?.end].filter((name) => typeof name === 'string')
  const keys = events === undefined ? [] : sourceInputs(events, computedKeys(events, view.entity.name))
  return new Set([...read, ...keys, ...times.map((column) => `${source?.table}.${column}`)])
}

/** The columns of tables that columns of a source come from: of its own, and of the dimensions of its events. */
function sourceInputs(source: SourcePlan, names: readonly string[]): readonly string[] {
  const own = tableColumns(source, names).map((column) => `${source.table}.${column}`)
  const others = dimensionUses(source, names).flatMap(({ dimension, columns }) =>
    columns.map((column) => `${dimension.table}.${column}`),
  )
  return [...own, ...others]
}
