import type { ViewPlan } from '../plan/view-plan.ts'

/** Where the online rows of a view are, and the names of its features there. */
export interface StoredRows {
  /** Tables that are read in one round trip; when several have an entity, the row of the first counts. */
  readonly tables: readonly string[]
  /** For a feature, another name that it may have there. */
  readonly names: ReadonlyMap<string, string>
}

/** The rows of a view under its present name; rows that are not yet published there are found under former names. */
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
