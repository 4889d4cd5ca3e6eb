import { nameIn } from '@martlet/feature-store'
import type { LiveCatalog } from '../../catalog/live-catalog.ts'
import type { ServableModel } from '../model-source.ts'

/** The views and on-demand features whose definition has changed since a model was trained on them. */
export function changedViews(model: ServableModel, catalog: LiveCatalog): readonly string[] {
  const service = catalog.find(model.service)?.plan
  const computed = new Map(service?.onDemand?.map(({ plan }) => [plan.name, plan.hash]))
  const roles = new Map(service?.views.map((read) => [nameIn(read), read.view.name]))
  return Object.entries(model.definitionHashes).flatMap(([name, hash]) =>
    (catalog.views.get(roles.get(name) ?? name)?.hash ?? computed.get(name)) === hash ? [] : [name],
  )
}
