import { viewsRead, type MaybePromise, type ServicePlan, type ViewPlan } from '@martlet/feature-store'

/** How far a view has been materialized. */
export interface ViewProgress {
  /** Feature times before this instant (ISO 8601) are materialized; null: none are. */
  readonly watermark: string | null
  /** The newest feature time in the online store; null: nothing has been published. */
  readonly published: string | null
  readonly lastRun: { readonly outcome: string; readonly finishedAt: string | null; readonly rows: number } | null
}

/** An older definition of a view that is kept for models which were trained on it. */
export interface KeptRows {
  readonly plan: ViewPlan
  /** The table that holds its rows. */
  readonly table: string
  readonly published: boolean
  /** What the published rows of the view itself call its features, in plan order; null: those rows belong to another definition. */
  readonly names: readonly string[] | null
}

export interface ServedDefinitions {
  readonly views: readonly ViewPlan[]
  readonly services: readonly ServicePlan[]
  /** @default none are kept */
  readonly kept?: readonly KeptRows[]
}

/** Where serving gets its definitions. */
export interface ServingCatalog {
  /**
   * Changes whenever a definition has been applied or rows of another definition have been published.
   * Called every few seconds, so it must be cheap.
   */
  revision(): MaybePromise<string>
  /** The definitions that were applied last. */
  definitions(): MaybePromise<ServedDefinitions>
  /** The view as it was when it had this hash; undefined when it never had it. Lets models read what they were trained on. */
  definition?(view: string, hash: string): MaybePromise<ViewPlan | undefined>
  progress?(view: string): MaybePromise<ViewProgress>
}

/** A catalog of definitions that never change while the process lives. */
export function fixedCatalog(definitions: {
  readonly services: readonly ServicePlan[]
  readonly views?: readonly ViewPlan[]
}): ServingCatalog {
  const views = new Map<string, ViewPlan>()
  for (const service of definitions.services) for (const view of viewsRead(service)) views.set(view.name, view)
  for (const view of definitions.views ?? []) views.set(view.name, view)
  const all = { services: definitions.services, views: [...views.values()] }
  return { revision: () => 'fixed', definitions: () => all }
}
