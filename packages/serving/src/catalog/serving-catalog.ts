import type { MaybePromise, ServicePlan, ViewPlan } from '@martlet/feature-store'

/** How far a view has been materialized. */
export interface ViewProgress {
  /** Feature times before this instant (ISO 8601) are materialized; null: none. */
  readonly watermark: string | null
  /** The newest feature time in the online store; null: none was published. */
  readonly published: string | null
  readonly lastRun: { readonly outcome: string; readonly finishedAt: string | null; readonly rows: number } | null
}

/** An older definition of a view that is kept for models which were trained on it. */
export interface KeptRows {
  readonly plan: ViewPlan
  /** Where its rows are. */
  readonly table: string
  readonly published: boolean
  /** Its features' names, in plan order, in the rows that are published of the view itself; null: those are of another definition. */
  readonly names: readonly string[] | null
}

export interface ServedDefinitions {
  readonly views: readonly ViewPlan[]
  readonly services: readonly ServicePlan[]
  /** @default none is kept */
  readonly kept?: readonly KeptRows[]
}

/** What serving needs to know of the catalog. */
export interface ServingCatalog {
  /**
   * Differs from the last answer whenever a definition was applied since, or rows of another definition were published.
   * Asked every few seconds, so it must be cheap.
   */
  revision(): MaybePromise<string>
  /** The definitions as applied last. */
  definitions(): MaybePromise<ServedDefinitions>
  /** The view as it was when it had this hash; undefined when it never had. Lets models be fed what they were trained on. */
  definition?(view: string, hash: string): MaybePromise<ViewPlan | undefined>
  progress?(view: string): MaybePromise<ViewProgress>
}

/** A catalog of definitions that never change while the process lives. */
export function fixedCatalog(definitions: {
  readonly services: readonly ServicePlan[]
  readonly views?: readonly ViewPlan[]
}): ServingCatalog {
  const views = new Map<string, ViewPlan>()
  for (const service of definitions.services) for (const { view } of service.views) views.set(view.name, view)
  for (const view of definitions.views ?? []) views.set(view.name, view)
  const all = { services: definitions.services, views: [...views.values()] }
  return { revision: () => 'fixed', definitions: () => all }
}
