import type { Kysely } from 'kysely'
import type { LabelPlan } from '../plan/label-plan.ts'
import type { ServicePlan, ViewPlan } from '../plan/view-plan.ts'
import { readLabelPlan, readServicePlan, readViewPlan } from './plan-json.ts'
import type { CatalogTables, DefinitionKind, DefinitionsTable } from './tables.ts'

/** One revision of a view, service or label as it was applied. */
export type StoredDefinition = StoredFields &
  (
    | { readonly kind: 'view'; readonly plan: ViewPlan }
    | { readonly kind: 'service'; readonly plan: ServicePlan }
    | { readonly kind: 'label'; readonly plan: LabelPlan }
  )

interface StoredFields {
  readonly name: string
  readonly revision: number
  readonly state: 'applied' | 'removed'
  readonly hash: string
  /** The plan as stored: equal plans have equal text. */
  readonly text: string
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly appliedAt: string
  readonly appliedBy: string
}

/** The newest revision of every definition that has not been removed. */
export async function currentDefinitions(db: Kysely<CatalogTables>): Promise<readonly StoredDefinition[]> {
  return (await newestRevisions(db)).filter((definition) => definition.state === 'applied')
}

/** The newest revision of every definition, including removed ones. */
export async function newestRevisions(db: Kysely<CatalogTables>): Promise<readonly StoredDefinition[]> {
  const rows = await db
    .selectFrom('definitions as d')
    .selectAll('d')
    .where('d.revision', '=', (inner) =>
      inner
        .selectFrom('definitions as n')
        .select((e) => e.fn.max('n.revision').as('revision'))
        .whereRef('n.kind', '=', 'd.kind')
        .whereRef('n.name', '=', 'd.name'),
    )
    .orderBy('d.kind')
    .orderBy('d.name')
    .execute()
  return rows.map(stored)
}

/** The applied revision of a view; undefined when it was never applied or has been removed. */
export async function currentView(
  db: Kysely<CatalogTables>,
  name: string,
): Promise<(StoredDefinition & { readonly kind: 'view' }) | undefined> {
  const newest = (await history(db, 'view', name))[0]
  return newest !== undefined && newest.kind === 'view' && newest.state === 'applied' ? newest : undefined
}

/** The newest revision of a view that had this hash, whether or not it is the applied one. */
export async function revisionWithHash(db: Kysely<CatalogTables>, hash: string): Promise<ViewPlan | undefined> {
  const row = await db
    .selectFrom('definitions')
    .selectAll()
    .where('kind', '=', 'view')
    .where('hash', '=', hash)
    .orderBy('revision', (order) => order.desc().nullsLast())
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? undefined : readViewPlan(row.plan, `view ${row.name} revision ${row.revision}`)
}

/** All revisions of one definition, newest first. */
export async function history(
  db: Kysely<CatalogTables>,
  kind: DefinitionKind,
  name: string,
): Promise<readonly StoredDefinition[]> {
  const rows = await db
    .selectFrom('definitions')
    .selectAll()
    .where('kind', '=', kind)
    .where('name', '=', name)
    .orderBy('revision', (order) => order.desc().nullsLast())
    .execute()
  return rows.map(stored)
}

function stored(row: DefinitionsTable): StoredDefinition {
  const where = `${row.kind} ${row.name} revision ${row.revision}`
  const tags: unknown = JSON.parse(row.tags)
  const fields: StoredFields = {
    name: row.name,
    revision: row.revision,
    state: row.state,
    hash: row.hash,
    text: row.plan,
    description: row.description,
    owner: row.owner,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    appliedAt: row.applied_at,
    appliedBy: row.applied_by,
  }
  switch (row.kind) {
    case 'view':
      return { ...fields, kind: 'view', plan: readViewPlan(row.plan, where) }
    case 'service':
      return { ...fields, kind: 'service', plan: readServicePlan(row.plan, where) }
    case 'label':
      return { ...fields, kind: 'label', plan: readLabelPlan(row.plan, where) }
  }
}
