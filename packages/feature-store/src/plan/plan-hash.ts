import { createHash } from 'node:crypto'
import type { Expression } from './expression.ts'
import type { AggregatePlan, FeaturePlan } from './feature-plan.ts'
import type { LabelPlan } from './label-plan.ts'
import type { SourcePlan } from './source-plan.ts'
import type { ServicePlan, ViewPlan } from './view-plan.ts'

/**
 * SHA-256 of what changes the values a view serves: names, grid, delay, ttl, population, features, and of the source the
 * table, the roles and the columns that are used. Not the order of features, not checks, not unused columns, not `repair`,
 * not what a name was before.
 */
export function viewHash(view: Omit<ViewPlan, 'hash'>): string {
  const features = view.features.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const used = new Set(view.features.flatMap(sourceColumnsOf))
  return sha256({
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

/** SHA-256 of a service's name and of its features in order, each with its view's hash. */
export function serviceHash(service: Omit<ServicePlan, 'hash'>): string {
  return sha256({
    name: service.name,
    views: service.views.map(({ view, features }) => ({ view: view.hash, features })),
  })
}

/** SHA-256 of what changes a label's values. */
export function labelHash(label: LabelPlan): string {
  const { aggregate } = label
  const columns = aggregate.function === 'happens' ? expressionColumns(aggregate.where) : aggregateColumns(aggregate)
  return sha256({ ...label, fact: sourceCore(label.fact, new Set(columns), label.entity.name) })
}

/** JSON with sorted keys: equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

/** Freezes plain data all the way down and returns it. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freezeDeep(part)
  }
  return value
}

function sha256(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/** `of`: the entity whose keys are read, of several that a fact has. */
function sourceCore(source: SourcePlan, used: ReadonlySet<string>, of?: string): unknown {
  const { columns, ...roles } = source
  const types = Object.fromEntries(columns.flatMap(({ name, type }) => (used.has(name) ? [[name, type]] : [])))
  if (roles.kind !== 'fact') return { ...roles, types }
  return {
    ...roles,
    entities: undefined,
    keyColumns: of === undefined ? roles.keyColumns : roles.keyColumns?.[of],
    types,
  }
}

function featureCore(feature: FeaturePlan): unknown {
  const { nullable: _, renamedFrom: __, ...core } = feature
  return core.kind === 'attribute' ? { ...core, dimension: sourceCore(core.dimension, new Set([core.column])) } : core
}

function sourceColumnsOf(feature: FeaturePlan): readonly string[] {
  switch (feature.kind) {
    case 'aggregate':
      return aggregateColumns(feature.aggregate)
    case 'age':
      return expressionColumns(feature.where)
    case 'attribute':
    case 'column':
      return [feature.column]
    case 'calendar':
    case 'derived':
      return []
    default:
      return feature satisfies never
  }
}

function aggregateColumns(aggregate: Extract<FeaturePlan, { kind: 'aggregate' }>['aggregate']): readonly string[] {
  if (aggregate.function === 'ratio')
    return [...aggregateColumns(aggregate.numerator), ...aggregateColumns(aggregate.denominator)]
  const { column, where }: AggregatePlan = aggregate
  return [...(column === null ? [] : [column]), ...expressionColumns(where)]
}

/** The names of the columns that an expression reads. */
export function expressionColumns(expression: Expression | null): readonly string[] {
  if (expression === null) return []
  switch (expression.kind) {
    case 'column':
      return [expression.name]
    case 'literal':
      return []
    case 'binary':
      return [...expressionColumns(expression.left), ...expressionColumns(expression.right)]
    case 'coalesce':
    case 'least':
    case 'greatest':
      return expression.operands.flatMap(expressionColumns)
    case 'case':
      return [...expression.branches.flatMap((branch) => [branch.when, branch.then]), expression.otherwise].flatMap(
        expressionColumns,
      )
    case 'not':
    case 'isNull':
    case 'negate':
    case 'abs':
    case 'oneOf':
      return expressionColumns(expression.operand)
    default:
      return expression satisfies never
  }
}
