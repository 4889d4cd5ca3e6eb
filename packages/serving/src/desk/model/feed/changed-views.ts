import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServableModel } from '../model-source.ts'

/** The views and on-demand features whose definition has changed since a model was trained on them. */
export function changedViews(model: ServableModel, catalog: LiveCatalog): readonly string[] {
  const computed = new Map(catalog.find(model.service)?.plan.onDemand?.map(({ plan }) => [plan.name, plan.hash]))
  return Object.entries(model.definitionHashes).flatMap(([name, hash]) =>
    (catalog.views.get(name)?.hash ?? computed.get(name)) === hash ? [] : [name],
  )
}
