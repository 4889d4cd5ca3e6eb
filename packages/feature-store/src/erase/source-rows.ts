import { sql, type Warehouse } from '@martlet/warehouse'
import { labelSources, viewSources } from '../vocabulary/view-sources.ts'
import { scanSource } from '../vocabulary/sources/scan.ts'
import { count } from '../materialize/survey.ts'
import type { EntityPlan, SourcePlan } from '../plan/source-plan.ts'
import type { KnownPlans, RelatedEntities } from './related-entities.ts'
import type { StagedKeys } from './staged-keys.ts'
import { sourceKind } from '../vocabulary/sources/list.ts'

export interface SourceRows {
  readonly table: string
  readonly rows: number
}

/** The tables of the user's own that definitions read and that are about the entity. */
export function sourcesAbout(related: RelatedEntities, plans: KnownPlans): readonly SourcePlan[] {
  const all = [...plans.views.flatMap(viewSources), ...plans.labels.flatMap(labelSources)].map(({ source }) => source)
  return all.filter((source) =>
    sourceKind(source)
      .entities(source)
      .some((entity) => related.isRelated(entity)),
  )
}

/** How many rows of the user's own tables still hold the keys; tables that are not there have none. */
export async function rowsInSources(
  session: Warehouse,
  entity: EntityPlan,
  sources: readonly SourcePlan[],
  staged: StagedKeys,
): Promise<readonly SourceRows[]> {
  const names = entity.keys.map(({ name }) => name)
  const found: SourceRows[] = []
  for (const source of new Map(sources.map((one) => [one.table.toLowerCase(), one])).values()) {
    const there = await session.introspect(source.table)
    const declared = names.every(
      (name) =>
        source.columns.some((column) => column.name === name) &&
        there?.some((column) => column.name.toLowerCase() === name.toLowerCase()),
    )
    if (!declared) continue
    const rows = await count(
      session,
      sql`
        SELECT COUNT(*) AS n
        FROM (${scanSource(session.leaves, source, names)}) held
        WHERE ${staged.matching('held', names)}
      `,
    )
    if (rows > 0) found.push({ table: source.table, rows })
  }
  return found
}
