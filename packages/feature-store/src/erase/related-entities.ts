import type { LabelPlan } from '../plan/label-plan.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import type { ServicePlan, ViewPlan } from '../plan/view-plan.ts'
import { viewSources } from '../vocabulary/view-sources.ts'
import { sourceKind } from '../vocabulary/sources/list.ts'

/** All definitions that may have made rows, former revisions too. */
export interface KnownPlans {
  readonly views: readonly ViewPlan[]
  readonly services: readonly ServicePlan[]
  readonly labels: readonly LabelPlan[]
}

/** Which entities' rows hold the keys of one entity. */
export interface RelatedEntities {
  /** All entities of the definitions. */
  readonly known: readonly EntityPlan[]
  /**
   * Whether rows of `other` are about the entity: itself, or one with more key columns whose common columns mean the
   * same.
   */
  isRelated(other: EntityPlan): boolean
  /** By which other columns services ask for the entity: the column by key column, a role each. */
  readonly roles: readonly Readonly<Record<string, string>>[]
  /** Whether it has the entity's key columns, by name, whatever they mean. */
  hasColumns(columns: readonly string[]): boolean
}

/**
 * Columns of one name mean the same where one fact is declared to be about both entities, or one service or label
 * takes its keys from both. Without that, `id` of a site is not taken for `id` of a customer.
 */
export function relatedEntities(entity: EntityPlan, plans: KnownPlans): RelatedEntities {
  const together: (readonly EntityPlan[])[] = [
    ...plans.views.flatMap((view) =>
      viewSources(view).map(({ source }) => [...sourceKind(source).entities(source), view.entity]),
    ),
    ...plans.services.map(({ views }) => views.map(({ view }) => view.entity)),
    ...plans.labels.map((label) => [...label.fact.entities, label.entity]),
  ]
  const known = distinct([entity, ...together.flat()])
  const wanted = entity.keys.map(({ name }) => name.toLowerCase())
  const hasColumns = (columns: readonly string[]): boolean => {
    const lower = columns.map((name) => name.toLowerCase())
    return wanted.every((name) => lower.includes(name))
  }
  const keyed = (other: EntityPlan): boolean => hasColumns(other.keys.map(({ name }) => name))
  const related = new Set(known.filter((other) => other.name === entity.name && keyed(other)).map(entityId))
  for (const group of together) {
    if (!group.some((other) => other.name === entity.name && keyed(other))) continue
    for (const other of group) if (keyed(other)) related.add(entityId(other))
  }
  const isRelated = (other: EntityPlan): boolean => related.has(entityId(other))
  const roles = plans.services.flatMap(({ views }) =>
    views.flatMap(({ view, keys }) => (keys !== undefined && isRelated(view.entity) ? [keys] : [])),
  )
  return { known, hasColumns, isRelated, roles: [...new Map(roles.map((one) => [JSON.stringify(one), one])).values()] }
}

export function entityId({ name, keys }: EntityPlan): string {
  return JSON.stringify([name, keys])
}

function distinct(entities: readonly EntityPlan[]): readonly EntityPlan[] {
  return [...new Map(entities.map((entity) => [entityId(entity), entity])).values()].filter(
    ({ keys }) => keys.length > 0,
  )
}
