import {
  featureHash,
  history,
  nameIn,
  readsOf,
  type Catalog,
  type ServicePlan,
  type ViewPlan,
} from '@martlet/feature-store'
import { rowsOf, sql, tableRef, type Warehouse } from '@martlet/warehouse'
import type { RecomputedRows } from './recomputed-rows.ts'

/** For each view or on-demand feature, the logged hashes of definitions that give other values of a feature than now. */
export interface ChangedDefinitions {
  of(name: string, feature: string): readonly string[]
}

/**
 * Compares the definitions by which rows were served with the present ones, feature by feature where the catalog still has
 * the earlier ones, otherwise as a whole.
 */
export async function changedDefinitions(
  session: Warehouse,
  { table, served }: RecomputedRows,
  service: ServicePlan,
  catalog: Catalog | undefined,
): Promise<ChangedDefinitions> {
  const changed = new Map<string, (feature: string) => readonly string[]>()
  const views = readsOf(service).map((read) => ({ name: nameIn(read), hash: read.view.hash, view: read.view }))
  const computed = (service.onDemand ?? []).map(({ plan: { name, hash } }) => ({ name, hash, view: undefined }))
  for (const { name, hash, view } of [...views, ...computed]) {
    const column = served.column(name, 'definition')
    if (column === undefined) continue
    const rows = rowsOf(
      await session.read(sql`
        SELECT DISTINCT ${sql.id(column)} AS hash FROM ${tableRef(table)} WHERE ${sql.id(column)} IS NOT NULL ORDER BY hash
      `),
    )
    const others = rows.map((row) => String(row['hash'])).filter((one) => !hash.startsWith(one))
    if (others.length === 0) continue
    const before = view === undefined ? new Map<string, ViewPlan>() : await plansOf(catalog, view.name, others)
    changed.set(name, (feature) =>
      others.filter((one) => {
        const plan = before.get(one)
        return plan === undefined || view === undefined || featureHash(plan, feature) !== featureHash(view, feature)
      }),
    )
  }
  return { of: (name, feature) => changed.get(name)?.(feature) ?? [] }
}

async function plansOf(
  catalog: Catalog | undefined,
  view: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, ViewPlan>> {
  const plans = new Map<string, ViewPlan>()
  if (catalog === undefined) return plans
  for (const { kind, hash, plan } of await history(catalog.db, 'view', view))
    for (const one of hashes) if (kind === 'view' && hash.startsWith(one)) plans.set(one, plan)
  return plans
}
