import type { ViewPlan } from '../plan/view-plan.ts'

/** Where the online rows of a view are, and what they call its features. */
export interface StoredRows {
  /** Tables that are asked in one round trip; of an entity that several have, the row of the first counts. */
  readonly tables: readonly string[]
  /** By feature, the name that it may have in them besides its own. */
  readonly names: ReadonlyMap<string, string>
}

/** The rows of a view under its present name; what is not published yet is found under the names that it had before. */
export function ownRows({
  name,
  renamedFrom,
  features,
}: Pick<ViewPlan, 'name' | 'renamedFrom' | 'features'>): StoredRows {
  const names = features.flatMap((feature) =>
    feature.renamedFrom === undefined ? [] : [[feature.name, feature.renamedFrom] as const],
  )
  return { tables: renamedFrom === undefined ? [name] : [name, renamedFrom], names: new Map(names) }
}
