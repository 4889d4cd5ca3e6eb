import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServableModel } from '../model-source.ts'

/** The views whose definition has changed since a model was trained on them. */
export function changedViews(model: ServableModel, catalog: LiveCatalog): readonly string[] {
  return Object.entries(model.definitionHashes).flatMap(([view, hash]) =>
    catalog.views.get(view)?.hash === hash ? [] : [view],
  )
}
