import type { ServicePlan, VectorField } from '@martlet/feature-store'
import { MartletError } from '@martlet/warehouse'

/**
 * The fields of a service's vector, in order. The feature store's own `vectorFields` returns the same; reading the plan here
 * keeps its engines out of processes that only read models.
 *
 * @throws MartletError SERVICE_INVALID when the service names a feature that its view does not have
 */
export function serviceFields({ name: service, views }: ServicePlan): readonly VectorField[] {
  return views.flatMap(({ view, features }) =>
    features.map((name): VectorField => {
      const feature = view.features.find((candidate) => candidate.name === name)
      if (feature === undefined)
        throw new MartletError(
          'SERVICE_INVALID',
          `Service ${JSON.stringify(service)} names ${view.name}.${name}, which the view does not have. Apply its definitions again.`,
          { data: { service, view: view.name, feature: name } },
        )
      return {
        name: `${view.name}__${name}`,
        view: view.name,
        feature: name,
        type: feature.type,
        nullable: feature.nullable,
      }
    }),
  )
}
