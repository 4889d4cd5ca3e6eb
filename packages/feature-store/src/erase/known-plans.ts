import type { Kysely } from 'kysely'
import { readLabelPlan, readServicePlan, readViewPlan } from '../catalog/plan-json.ts'
import type { CatalogTables } from '../catalog/tables.ts'
import { viewSources } from '../vocabulary/view-sources.ts'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { EntityPlan } from '../plan/source-plan.ts'
import { viewsRead, type ServicePlan, type ViewPlan } from '../plan/view-plan.ts'
import { entityId, type KnownPlans } from './related-entities.ts'
import { sourceKind } from '../vocabulary/sources/list.ts'

export type DefinitionPlan = ViewPlan | ServicePlan | LabelPlan

/** Every revision that was ever applied, removed ones too, and the definitions at hand. */
export async function knownPlans(
  db: Kysely<CatalogTables>,
  given: readonly (DefinitionPlan | { readonly plan: DefinitionPlan })[],
): Promise<KnownPlans> {
  const rows = await db
    .selectFrom('definitions')
    .select(['kind', 'name', 'revision', 'plan'])
    .orderBy('revision')
    .execute()
  const where = (row: (typeof rows)[number]): string => `${row.kind} ${row.name} revision ${row.revision}`
  const plans = given.map((one) => ('plan' in one ? one.plan : one))
  const services = [
    ...rows.flatMap((row) => (row.kind === 'service' ? [readServicePlan(row.plan, where(row))] : [])),
    ...plans.filter((plan) => 'views' in plan),
  ]
  return {
    services,
    views: [
      ...rows.flatMap((row) => (row.kind === 'view' ? [readViewPlan(row.plan, where(row))] : [])),
      ...plans.filter((plan) => 'grid' in plan),
      ...services.flatMap(viewsRead),
    ],
    labels: [
      ...rows.flatMap((row) => (row.kind === 'label' ? [readLabelPlan(row.plan, where(row))] : [])),
      ...plans.filter((plan) => 'fact' in plan),
    ],
  }
}

/** Every entity that definitions name; of two with one name, the one defined last is the first. */
export async function knownEntities(
  db: Kysely<CatalogTables>,
  given: readonly (DefinitionPlan | { readonly plan: DefinitionPlan })[],
): Promise<readonly EntityPlan[]> {
  const { views, services, labels } = await knownPlans(db, given)
  const all = [
    ...[...views, ...services.flatMap(viewsRead)].flatMap((view) => [
      ...viewSources(view).flatMap(({ source }) => sourceKind(source).entities(source)),
      view.entity,
    ]),
    ...labels.flatMap(({ fact, entity }) => [...fact.entities, entity]),
  ]
  return [
    ...new Map(all.filter(({ keys }) => keys.length > 0).map((entity) => [entityId(entity), entity])).values(),
  ].toReversed()
}
