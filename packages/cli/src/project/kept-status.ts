import { currentDefinitions, instantText, keptDefinitions, neededDefinitions } from '@martlet/feature-store'
import { liveModels } from '@martlet/registry'
import type { Project } from './project.ts'

/** An older definition of a view that is kept for models, and how far it is materialized. */
export interface KeptStatus {
  readonly view: string
  /** Its hash. */
  readonly definition: string
  /** Its feature table is `features.<name>`, its online table has this name. */
  readonly name: string
  /** Everything before this is in the table; null when nothing is. */
  readonly watermark: string | null
  readonly publishedTime: string | null
  /** The live models that need it; when there are none, the next `materialize` drops it. */
  readonly models: readonly { readonly model: string; readonly alias: string; readonly version: number }[]
}

export async function keptStatuses(project: Project): Promise<readonly KeptStatus[]> {
  const { db } = await project.catalog()
  const kept = await keptDefinitions(db)
  if (kept.length === 0) return []
  const present = (await currentDefinitions(db)).flatMap((definition) =>
    definition.kind === 'view' ? [definition.plan] : [],
  )
  const needed = new Map(
    (await neededDefinitions(db, await liveModels(await project.registry()), present)).map(({ name, models }) => [
      name,
      models,
    ]),
  )
  return kept.map(({ view, hash, stored: { name }, state: { covered, publishedTime } }) => ({
    view,
    definition: hash,
    name,
    watermark: covered === null ? null : instantText(covered.watermark),
    publishedTime: publishedTime === null ? null : instantText(publishedTime),
    models: (needed.get(name) ?? []).map(({ model, alias, version }) => ({ model, alias, version })),
  }))
}
